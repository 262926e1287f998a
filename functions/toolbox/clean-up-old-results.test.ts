import { beforeEach, describe, expect, it } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { inputKey } from '#shared/pipeline/payloads.ts';
import { SoftTimeLimitExceeded } from '#shared/pipeline/time-limits.ts';
import { cleanUpOldResults } from './clean-up-old-results.ts';

let ports: MemoryPorts;
beforeEach(async () => {
  ports = createMemoryPorts();
  for (let n = 100; n < 250; n++) await ports.payloads.put(inputKey(`task-${n}`, 1, 'w'), '1');
  await ports.clock.advance(24 * 3600 * 1000);
});

describe('cleanup_old_results', () => {
  it('tells how far it is and what it did', async () => {
    const told: [number, string][] = [];
    const context = taskContext({ progress: (percent, status) => void told.push([percent, status]) });
    expect(await cleanUpOldResults(ports).run({}, context)).toEqual({
      ...{ status: 'success', scanned: 150, deleted: 150, kept: 0, complete: true },
    });
    expect(told).toEqual([
      [0, 'Looked at 100 payloads, removed 100'],
      [0, 'Looked at 150 payloads, removed 150'],
      [100, 'Looked at 150 payloads, removed 150'],
    ]);
    expect(ports.payloads.keys()).toEqual([]);
  });

  it('ends in order at its soft time limit, and leaves the rest to the next night', async () => {
    const abort = new AbortController();
    const context = taskContext({
      signal: abort.signal,
      progress: () => abort.abort(new SoftTimeLimitExceeded('the soft time limit has passed')),
    });
    expect(await cleanUpOldResults(ports).run({}, context)).toMatchObject({ scanned: 100, complete: false });
    expect(await cleanUpOldResults(ports).run({}, taskContext())).toMatchObject({
      scanned: 50,
      complete: true,
    });
  });

  it('stops at once when it is asked to for any other reason', async () => {
    const reason = new Error('cancelled');
    const context = taskContext({ signal: AbortSignal.abort(reason) });
    await expect(cleanUpOldResults(ports).run({}, context)).rejects.toBe(reason);
    expect(ports.payloads.keys()).toHaveLength(150);
  });
});
