import type { Clock } from './clock.ts';
import type { LimitStore } from './limit-store.ts';
import type { PayloadStore } from './payload-store.ts';
import type { TaskQueue } from './task-queue.ts';
import type { TaskStore } from './task-store.ts';

/** Everything the pipeline needs of the world, time and chance included. */
export interface PipelinePorts {
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly payloads: PayloadStore;
  readonly limits: LimitStore;
  readonly clock: Clock;
  /** A number in [0, 1). */
  random(): number;
  /** A new unique id (UUIDv7). */
  newId(): string;
}
