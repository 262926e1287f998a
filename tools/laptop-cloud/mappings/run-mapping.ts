import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Activity, createActivity } from '../activity.ts';
import type { InvocationResult } from '../functions/function-pool.ts';
import { pause } from '../pause.ts';
import { deleteMessages } from './delete-messages.ts';
import { type BatchOutcome, readBatchResponse } from './read-batch-response.ts';
import { fillBatch, receiveMessages } from './receive-batch.ts';
import { type ReceivedMessage, sqsEvent } from './sqs-event.ts';

/** An event source mapping from an SQS queue to a function, everything resolved. */
export interface MappingSpec {
  /** The mapping's UUID. */
  id: string;
  functionName: string;
  queue: { name: string; url: string; arn: string; region: string };
  /** 1 to 10,000 messages. */
  batchSize: number;
  /** How long a batch may wait to fill up, in seconds of the laptop clock; 0 takes what there is. */
  maximumBatchingWindowSeconds: number;
  /** Invocations at once. */
  maximumConcurrency: number;
  /** Whether the function reports failures per message (ReportBatchItemFailures). */
  reportBatchItemFailures: boolean;
  enabled: boolean;
}

/** A mapping that polls. */
export interface Mapping {
  readonly spec: MappingSpec;
  readonly enabled: boolean;
  /** Batches received and not yet decided. */
  readonly activity: Activity;
  /**
   * Starts or stops receiving, as UpdateEventSourceMapping does; batches in flight go on. Resolves when the
   * change holds: disabling takes up to half a second.
   */
  setEnabled(enabled: boolean): Promise<void>;
  /** Stops receiving and resolves when all batches in flight are decided; up to half a second if idle. */
  stop(): Promise<void>;
}

/** What a mapping needs of the rest of the laptop cloud. */
export interface MappingSurroundings {
  sqs: SQSClient;
  invoke: (event: unknown) => Promise<InvocationResult>;
  /** Milliseconds since the epoch, by the laptop clock. */
  now: () => number;
  log: (line: string) => void;
}

const LONGEST_RECEIVE_BACKOFF_MS = 10_000;

/**
 * Polls a queue and hands its messages to a function, as Lambda's SQS event source does: batches, a batching
 * window, a maximum concurrency, partial batch responses. Messages of a failed batch stay invisible until
 * their visibility timeout ends; dead-lettering is the queue's own.
 * Source: "Using Lambda with Amazon SQS" and "Handling errors for an SQS event source in Lambda".
 */
export function runMapping(spec: MappingSpec, { sqs, invoke, now, log }: MappingSurroundings): Mapping {
  const activity = createActivity();
  const stopping = new AbortController();
  const name = `mapping ${spec.queue.name} → ${spec.functionName}`;
  let enabled = spec.enabled;
  let switched = Promise.withResolvers<void>();
  let rest = Promise.withResolvers<void>();
  let failuresInARow = 0;

  const decide = async (batch: readonly ReceivedMessage[]): Promise<BatchOutcome> => {
    const result = await invoke(sqsEvent(batch, spec.queue));
    if (!result.ok) return { kind: 'failed', reason: `${result.errorType}: ${result.errorMessage}` };
    if (!spec.reportBatchItemFailures) return { kind: 'succeeded' };
    return readBatchResponse(
      result.payload,
      batch.map((message) => message.MessageId),
    );
  };

  const process = async (batch: readonly ReceivedMessage[]): Promise<void> => {
    const outcome = await decide(batch);
    if (outcome.kind === 'failed') {
      log(`${name}: a batch of ${batch.length} failed and will be delivered again: ${outcome.reason}`);
      return;
    }
    const done =
      outcome.kind === 'partial'
        ? batch.filter((message) => !outcome.failedIds.has(message.MessageId))
        : batch;
    for (const { messageId, reason } of await deleteMessages(sqs, spec.queue.url, done)) {
      log(`${name}: message ${messageId} was not deleted and will be delivered again: ${reason}`);
    }
  };

  const receive = async (): Promise<void> => {
    const batch = await receiveMessages(sqs, spec.queue.url, spec.batchSize);
    if (batch.length === 0) return;

    const end = activity.begin();
    try {
      const until = now() + spec.maximumBatchingWindowSeconds * 1000;
      const isOpen = () => now() < until && !stopping.signal.aborted;
      await fillBatch(batch, { sqs, queueUrl: spec.queue.url, batchSize: spec.batchSize, isOpen });
    } catch (error) {
      log(`${name}: the batch goes on as it is, receiving more failed: ${String(error)}`);
    }
    process(batch)
      .catch((error: unknown) =>
        log(`${name}: a batch of ${batch.length} was left undecided: ${String(error)}`),
      )
      .finally(end);
  };

  const poll = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (!enabled) {
        rest.resolve();
        await switched.promise;
        continue;
      }
      await activity.onBelow(spec.maximumConcurrency);
      if (!enabled || stopping.signal.aborted) continue;
      try {
        await receive();
        failuresInARow = 0;
      } catch (error) {
        failuresInARow += 1;
        log(`${name}: receiving failed: ${String(error)}`);
        const backoff = Math.min(1000 * 2 ** (failuresInARow - 1), LONGEST_RECEIVE_BACKOFF_MS);
        await pause(backoff, stopping.signal);
      }
    }
  };

  const wake = () => {
    switched.resolve();
    switched = Promise.withResolvers();
  };
  const polling = poll();

  return {
    spec,
    activity,
    get enabled() {
      return enabled;
    },
    setEnabled: (next) => {
      enabled = next;
      if (next) rest = Promise.withResolvers();
      wake();
      return next ? Promise.resolve() : rest.promise;
    },
    stop: async () => {
      stopping.abort();
      wake();
      await polling;
      rest.resolve();
      await activity.onIdle();
    },
  };
}
