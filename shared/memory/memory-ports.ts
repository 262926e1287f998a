import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { createMemoryLimitStore } from './memory-limit-store.ts';
import { createMemoryPayloadStore, type MemoryPayloadStore } from './memory-payload-store.ts';
import { createMemoryTaskQueue, type MemoryTaskQueue } from './memory-task-queue.ts';
import { createMemoryTaskStore, type MemoryTaskStore } from './memory-task-store.ts';
import { seededRandom } from './seeded-random.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** All ports in this process, with what tests may do to them beyond the pipeline. */
export interface MemoryPorts extends PipelinePorts {
  readonly store: MemoryTaskStore;
  readonly queue: MemoryTaskQueue;
  readonly payloads: MemoryPayloadStore;
  readonly clock: VirtualClock;
}

/**
 * Creates a world of its own for one test: `seed` (default 1) decides every random number, ids count up (`id-000001`),
 * time stands at `start` (default 2026-01-01T00:00Z) until it is advanced.
 */
export function createMemoryPorts(options: { seed?: number; start?: number } = {}): MemoryPorts {
  const { seed = 1, start = Date.UTC(2026, 0, 1) } = options;
  const clock = createVirtualClock(start);
  let ids = 0;
  return {
    clock,
    store: createMemoryTaskStore(),
    queue: createMemoryTaskQueue(clock),
    payloads: createMemoryPayloadStore(clock),
    limits: createMemoryLimitStore(),
    random: seededRandom(seed),
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
  };
}
