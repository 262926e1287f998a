import * as z from 'zod';
import { dynamodbPermissions } from './dynamodb-permissions.ts';
import type { NeededPermission } from './judge.ts';
import type { Permissions } from './permissions.ts';
import {
  type Protocol,
  type RefusalAnswer,
  refusalAnswer,
  unknownCallAnswer,
  unreadableCallAnswer,
} from './refusal-answers.ts';
import { type S3Call, s3Permissions } from './s3-permissions.ts';
import { sqsPermissions } from './sqs-permissions.ts';

/** The services of AWS's JSON protocols that functions may reach through the proxy. */
const JSON_SERVICES: Readonly<
  Record<
    string,
    { protocol: Protocol; permissionsOf: (operation: string, request: unknown) => NeededPermission[] | null }
  >
> = {
  DynamoDB_20120810: { protocol: 'dynamodb', permissionsOf: dynamodbPermissions },
  AmazonSQS: { protocol: 'sqs', permissionsOf: sqsPermissions },
};

/**
 * Judges a call of a JSON protocol; null lets it pass.
 * @param amzTarget `DynamoDB_20120810.GetItem` and the like
 */
export function judgeJsonCall(
  permissions: Permissions,
  accessKey: string,
  { amzTarget, body }: { amzTarget: string; body: Buffer },
): RefusalAnswer | null {
  const [name = '', operation = ''] = amzTarget.split('.');
  const service = JSON_SERVICES[name];
  let needed: NeededPermission[] | null;
  try {
    needed = service?.permissionsOf(operation, JSON.parse(body.toString('utf8') || '{}')) ?? null;
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof SyntaxError)) throw error;
    return unreadableCallAnswer(`${amzTarget}: ${error.message}`, service?.protocol ?? 'dynamodb');
  }
  return judge(permissions, accessKey, needed, {
    name: amzTarget,
    protocol: service?.protocol ?? 'dynamodb',
  });
}

/** Judges a call of S3; null lets it pass. */
export function judgeS3Call(permissions: Permissions, accessKey: string, call: S3Call): RefusalAnswer | null {
  return judge(permissions, accessKey, s3Permissions(call), {
    name: `${call.method} ${call.target}`,
    protocol: 's3',
  });
}

function judge(
  permissions: Permissions,
  accessKey: string,
  needed: readonly NeededPermission[] | null,
  call: { name: string; protocol: Protocol },
): RefusalAnswer | null {
  const refusal = permissions.refuse(accessKey, needed ?? []);
  if (refusal !== null) return refusalAnswer(refusal, call.protocol);
  return needed === null && !permissions.isLaptop(accessKey)
    ? unknownCallAnswer(call.name, call.protocol)
    : null;
}
