import * as z from 'zod';
import type { NeededPermission } from './judge.ts';
import { laptopArn } from './laptop-arn.ts';

/** Operations on a queue that the request names by URL, with the action each takes: a batch takes that of its parts. */
const ACTION_OF = new Map([
  ['SendMessage', 'SendMessage'],
  ['SendMessageBatch', 'SendMessage'],
  ['ReceiveMessage', 'ReceiveMessage'],
  ['DeleteMessage', 'DeleteMessage'],
  ['DeleteMessageBatch', 'DeleteMessage'],
  ['ChangeMessageVisibility', 'ChangeMessageVisibility'],
  ['ChangeMessageVisibilityBatch', 'ChangeMessageVisibility'],
  ['GetQueueAttributes', 'GetQueueAttributes'],
  ['SetQueueAttributes', 'SetQueueAttributes'],
  ['PurgeQueue', 'PurgeQueue'],
]);

const ByUrl = z.looseObject({ QueueUrl: z.url() });
const ByName = z.looseObject({ QueueName: z.string() });

/**
 * The permissions that an SQS operation takes; null for one that is not known here.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SQS"; for batches
 * "Amazon SQS API permissions: Actions and resource reference" in the SQS Developer Guide.
 * @throws z.ZodError when the request does not name its queue
 */
export function sqsPermissions(operation: string, request: unknown): NeededPermission[] | null {
  if (operation === 'GetQueueUrl') {
    return [{ action: 'sqs:GetQueueUrl', resource: laptopArn('sqs', ByName.parse(request).QueueName) }];
  }
  const action = ACTION_OF.get(operation);
  if (action === undefined) return null;
  const { pathname } = new URL(ByUrl.parse(request).QueueUrl);
  return [
    { action: `sqs:${action}`, resource: laptopArn('sqs', pathname.slice(pathname.lastIndexOf('/') + 1)) },
  ];
}
