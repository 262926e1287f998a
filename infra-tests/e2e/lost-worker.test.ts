import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLocation, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { askedAbout, orderTileFault } from './mapbox-stand-in.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const minutes = 60_000;

describe('a worker that dies in the middle of a task', () => {
  const place = { name: 'New York', latitude: 40.712749, longitude: -74.005994 };

  it('costs the task three minutes at most, no attempt, and nothing of what was kept', async () => {
    await orderTileFault(target, place, { status: 503 });
    await orderTileFault(target, place, { delay_ms: 5000 });
    const { taskId } = await createLocation(target, place);
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('RETRY'));
    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [503] });

    const passed = target.passTime(61);
    await vi.waitFor(
      async () => expect((await askedAbout(target, place)).elevation).toEqual([503, null]),
      5000,
    );
    const killedAt = target.now();
    expect(await powers.killWorkers()).toBeGreaterThan(0);
    await passed;

    await target.passTime(180);
    const record = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(Date.parse(record.finished_at ?? '') - killedAt).toBeLessThan(3 * minutes);
    expect(record.attempts).toBe(2);
    expect(record.timeline.slice(-3)).toMatchObject([
      { state: 'STARTED', attempt: 2, detail: null },
      { state: 'STARTED', attempt: 2, detail: 'the worker before was lost' },
      { state: 'SUCCESS', attempt: 2 },
    ]);
    expect(await powers.storedRecord(taskId)).toMatchObject({ lost: 1 });
    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [503, null, 200] });
  });
});
