import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, createLocation, taskUntil } from './api-calls.ts';
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

const unavailable = {
  type: 'UpstreamError',
  message: 'Mapbox answered 503 to a terrain tile: Service Unavailable',
};

/** Lets the task fail until it waits for its next attempt. */
function waitsAfter(taskId: string, attempts: number) {
  return taskUntil(target, taskId, (record) => expect(record).toMatchObject({ state: 'RETRY', attempts }));
}

describe('a task whose upstream fails', () => {
  const place = { name: 'London', latitude: 51.507446, longitude: -0.127765 };

  it('says so, waits a minute, and ends well once the upstream answers', async () => {
    await orderTileFault(target, place, { status: 503 });
    const { locationId, taskId } = await createLocation(target, place);
    const record = await waitsAfter(taskId, 1);
    const { at } = record.timeline.at(-1) ?? { at: '' };
    expect(record).toMatchObject({ error: { ...unavailable, attempt: 1 }, result: null, finished_at: null });
    expect(Date.parse(record.next_attempt_at ?? '') - Date.parse(at)).toBe(60_000);

    const status = await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`);
    expect(status.body).toEqual({
      task_id: taskId,
      state: 'PENDING',
      status: `attempt 1 of 4 failed with UpstreamError; the next is due at ${record.next_attempt_at}`,
      progress: 90,
      result: null,
      error: null,
    });
    expect(Number(status.headers.get('retry-after'))).toBeGreaterThan(50);
    const meanwhile = await ask(target, 'GET', `/api/v1/locations/${locationId}`);
    expect(meanwhile.body).toMatchObject({ country: 'United Kingdom', elevation: null });

    await target.passTime(61);
    const ended = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(ended).toMatchObject({ attempts: 2, error: null, result: { elevation: expect.any(Number) } });
    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [503, 200] });
  });
});

describe('a task whose upstream fails for as long as it tries', () => {
  const place = { name: 'Sydney', latitude: -33.8698, longitude: 151.2083 };

  it('ends FAILURE, leaves one dead letter, and lives again when that is put back', async () => {
    await orderTileFault(target, place, { status: 503, times: 4 });
    const { taskId } = await createLocation(target, place);
    for (const attempt of [1, 2, 3]) {
      await waitsAfter(taskId, attempt);
      await target.passTime(61);
    }
    const failed = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('FAILURE'));
    expect(failed).toMatchObject({ attempts: 4, error: { ...unavailable, attempt: 4 }, result: null });
    const status = await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`);
    expect(status.body).toMatchObject({ state: 'FAILURE', result: null, error: unavailable.message });

    await target.passTime(180);
    await powers.settled();
    const letters = await powers.takeMessages('default dead letters');
    expect(letters.map((body) => JSON.parse(body))).toEqual([
      { v: 1, taskId, epoch: 2, dead: true, error: unavailable },
    ]);

    await powers.send('default', letters[0] ?? '');
    const again = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(again).toMatchObject({ epoch: 2, attempts: 1, error: null });
    expect(again.timeline.filter(({ epoch }) => epoch === 2)).toMatchObject([
      { state: 'PENDING', detail: 'opened again by its dead letter after UpstreamError' },
      { state: 'STARTED' },
      { state: 'SUCCESS' },
    ]);
    expect(again.timeline.filter(({ epoch }) => epoch === 1)).toEqual(failed.timeline);
    expect(await askedAbout(target, place)).toEqual({ address: [200], elevation: [503, 503, 503, 503, 200] });
  });
});
