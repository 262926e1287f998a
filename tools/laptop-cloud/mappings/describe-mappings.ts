import * as z from 'zod';
import { LAPTOP_REGION } from '../assembly/laptop-account.ts';
import { queueUrl } from '../provision/aws-clients.ts';
import type { IdentifiedAssembly } from '../provision/identify-resources.ts';
import { physicalUuid } from '../provision/physical-names.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import type { MappingSpec } from './run-mapping.ts';

/** Lambda begins with five pollers; a mapping without a limit keeps to as many on a laptop. */
const DEFAULT_CONCURRENCY = 5;

const MappingProperties = z.strictObject({
  EventSourceArn: z.string().startsWith('arn:aws:sqs:', 'only SQS queues are event sources on a laptop'),
  FunctionName: z.string(),
  BatchSize: z.coerce.number().int().min(1).max(10_000).default(10),
  MaximumBatchingWindowInSeconds: z.coerce.number().int().min(0).max(300).default(0),
  ScalingConfig: z
    .strictObject({ MaximumConcurrency: z.coerce.number().int().min(2).max(1000).optional() })
    .default({}),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  Enabled: z.stringbool().or(z.boolean()).default(true),
  MetricsConfig: unread,
  Tags: unread,
});

/**
 * Reads every event source mapping of the templates.
 * @param queues the queue emulator's URL
 * @throws Error naming a mapping that the laptop cloud cannot run, and why
 */
export function describeMappings(assembly: IdentifiedAssembly, queues: string): MappingSpec[] {
  return assembly.resources('AWS::Lambda::EventSourceMapping').map((resource) => {
    const given = readProperties(resource, MappingProperties, 'mappings/describe-mappings.ts');
    const queueName = lastPart(given.EventSourceArn);
    return {
      id: physicalUuid(resource),
      functionName: lastPart(given.FunctionName),
      queue: {
        name: queueName,
        url: queueUrl(queues, queueName),
        arn: given.EventSourceArn,
        region: LAPTOP_REGION,
      },
      batchSize: given.BatchSize,
      maximumBatchingWindowSeconds: given.MaximumBatchingWindowInSeconds,
      maximumConcurrency: given.ScalingConfig.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
      reportBatchItemFailures: given.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      enabled: given.Enabled,
    };
  });
}

/** A name, or the name at the end of an ARN. */
function lastPart(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf(':') + 1);
}
