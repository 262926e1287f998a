import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { LaptopClock } from './clock/laptop-clock.ts';
import type { FunctionSpec } from './functions/function-pool.ts';
import type { Mapping } from './mappings/run-mapping.ts';
import { queueUrl } from './provision/aws-clients.ts';
import type { RuleRunner } from './rules/run-rules.ts';

/** Messages of a queue by what they wait for. */
export interface QueueCounts {
  visible: number;
  /** Received, and neither deleted nor visible again. */
  inFlight: number;
  delayed: number;
}

/** Counts a queue's messages; the emulator's counts are exact where those of SQS are approximate. */
export async function countMessages(sqs: SQSClient, url: string): Promise<QueueCounts> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return {
    visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
    inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed'] ?? 0),
  };
}

/** What the status tells about. */
export interface StatusParts {
  clock: LaptopClock;
  functions: readonly FunctionSpec[];
  queues: { names: readonly string[]; url: string; client: SQSClient };
  mappings: readonly Mapping[];
  rules: RuleRunner;
}

/** The laptop cloud's state as `GET /__laptop` answers it: times ISO-8601 UTC, names snake_case. */
export async function laptopStatus(parts: StatusParts): Promise<Record<string, unknown>> {
  const { clock, functions, queues, mappings, rules } = parts;
  return {
    now: iso(clock.now()),
    offset_seconds: clock.offset() / 1000,
    functions: functions.map(({ name, memoryMb, timeoutSeconds }) => ({
      name,
      memory_mb: memoryMb,
      timeout_seconds: timeoutSeconds,
    })),
    queues: await Promise.all(
      queues.names.map(async (name) => {
        const { visible, inFlight, delayed } = await countMessages(queues.client, queueUrl(queues.url, name));
        return { name, visible, in_flight: inFlight, delayed };
      }),
    ),
    mappings: mappings.map(({ spec, enabled, activity }) => ({
      queue: spec.queue.name,
      function: spec.functionName,
      enabled,
      batch_size: spec.batchSize,
      maximum_concurrency: spec.maximumConcurrency,
      batches_in_flight: activity.inFlight,
    })),
    rules: rules.upcoming().map(({ rule, at }) => ({
      name: rule.name,
      schedule: rule.expression,
      enabled: rule.enabled,
      next: at === null ? null : iso(at),
    })),
  };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
