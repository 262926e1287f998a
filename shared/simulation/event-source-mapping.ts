import type { MemoryDelivery, MemoryTaskQueue } from '../memory/memory-task-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { QueueName } from '../tasks/define-task.ts';
import type { Chances } from './chances.ts';
import type { Choices } from './choices.ts';
import type { Journal } from './journal.ts';

/** What brings a queue's messages to its worker, as Lambda's event source mapping does. */
export interface Mapping {
  /** Looks at the queue in so many milliseconds. */
  pollIn(ms: number): void;
  /** Batches that are being worked on. */
  inFlight(): number;
}

/** What a mapping takes. */
export interface MappingMeans {
  readonly queue: QueueName;
  readonly base: MemoryTaskQueue;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly chances: Chances;
  readonly journal: Journal;
  /** Batches at a time. */
  readonly concurrency: number;
  /** Runs a batch; the ids of the messages that failed, or null when the function died. */
  invoke(deliveries: readonly MemoryDelivery[]): Promise<readonly string[] | null>;
}

/** Six times the worker's time-out, in seconds. */
const visibilitySeconds = 1980;
const mostInBatch = 10;

/** Starts a mapping; it looks at its queue only when told that something is there. */
export function startMapping(means: MappingMeans): Mapping {
  const { queue, base, clock, choices, chances, journal, concurrency, invoke } = means;
  let inFlight = 0;

  function poll(): void {
    if (inFlight >= concurrency) return;
    const max = chances.isActive() ? choices.between(1, mostInBatch) : mostInBatch;
    const deliveries = base.receive(queue, { max, visibilitySeconds });
    if (deliveries.length === 0) return;
    inFlight++;
    void finish(deliveries);
    pollIn(0);
  }

  async function finish(deliveries: readonly MemoryDelivery[]): Promise<void> {
    const failed = await invoke(deliveries);
    inFlight--;
    for (const delivery of deliveries) {
      if (failed === null || failed.includes(delivery.messageId)) continue;
      if (!chances.strikes('delete-lost', choices)) base.remove(delivery);
      else journal.note(null, null, () => `${delivery.messageId} could not be deleted and will come again`);
    }
    // Whatever was not deleted shows up again by then, if it was not put back to an earlier time.
    pollIn(visibilitySeconds * 1000);
    pollIn(0);
  }

  function pollIn(ms: number): void {
    clock.after(ms + choices.between(1, 50), poll);
  }

  return { pollIn, inFlight: () => inFlight };
}
