import type { WorkerHeartbeats } from '../ports/worker-heartbeats.ts';

/** Heartbeats in this process, for tests and simulations. */
export function createMemoryHeartbeats(): WorkerHeartbeats {
  const noted = new Map<string, number>();
  return {
    async beat(worker, at) {
      noted.set(worker, at);
    },
    last: async (worker) => noted.get(worker) ?? null,
  };
}
