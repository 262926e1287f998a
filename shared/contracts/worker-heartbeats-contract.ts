import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerHeartbeats } from '../ports/worker-heartbeats.ts';

/** What every store of heartbeats must do; `make` gives an empty one for each test. */
export function describeWorkerHeartbeats(name: string, make: () => Promise<WorkerHeartbeats>): void {
  describe(`worker heartbeats: ${name}`, () => {
    let heartbeats: WorkerHeartbeats;
    beforeEach(async () => {
      heartbeats = await make();
    });

    it('knows nothing of a worker that was never seen', async () => {
      await heartbeats.beat('other', 1000);
      expect(await heartbeats.last('default')).toBeNull();
    });

    it('keeps the time that was noted last, for each worker', async () => {
      await heartbeats.beat('default', 1000);
      await heartbeats.beat('other', 9000);
      await heartbeats.beat('default', 61_000);
      expect(await heartbeats.last('default')).toBe(61_000);
      expect(await heartbeats.last('other')).toBe(9000);
    });
  });
}
