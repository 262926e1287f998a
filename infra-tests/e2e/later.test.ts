import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, readTask, submitTask, type TaskReply, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const day = 24 * 3600;
const hello = { task: 'test_celery', input: { message: 'hello' } };
const ended = ({ state }: { state: string }) => expect(state).toBe('SUCCESS');
const states = ({ timeline }: TaskReply) => timeline.map(({ state }) => state);
/** Seconds between the time that was wanted and the start. */
const late = ({ eta, started_at }: TaskReply) =>
  (Date.parse(started_at ?? '') - Date.parse(eta ?? '')) / 1000;
/** How often the reconciler has sent a task's message. */
const hints = async (taskId: string) =>
  (await powers.logged('task reconciled')).filter(
    (line) => line['task_id'] === taskId && line['outcome'] === 'hint-sent',
  ).length;

describe('a task with a countdown of a minute', () => {
  it('waits as SCHEDULED, its message with it, and runs to the second', async () => {
    const taskId = await submitTask(target, { ...hello, countdown: 60 });
    const status = await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`);
    expect(status.body).toMatchObject({
      ...{ state: 'PENDING', status: expect.stringMatching(/^scheduled for 20/), progress: null },
    });
    expect(Number(status.headers.get('retry-after'))).toBeGreaterThan(30);
    await powers.settled();
    await target.passTime(50);
    expect(await readTask(target, taskId)).toMatchObject({ state: 'SCHEDULED', attempts: 0 });
    await target.passTime(10);
    const record = await taskUntil(target, taskId, ended);
    expect(states(record)).toEqual(['SCHEDULED', 'STARTED', 'SUCCESS']);
    expect(late(record)).toBeGreaterThanOrEqual(-2);
    expect(late(record)).toBeLessThan(5);
    expect(record.attempts).toBe(1);
  });

  it('can be cancelled, and is then never run', async () => {
    const taskId = await submitTask(target, { ...hello, countdown: 60 });
    await ask(target, 'POST', `/api/v1/tasks/${taskId}/cancel`);
    await target.passTime(61);
    await powers.settled();
    expect(await readTask(target, taskId)).toMatchObject({ state: 'CANCELLED', attempts: 0 });
  });
});

describe('a task for the day after tomorrow', () => {
  it('costs no message until five minutes before, and runs on time', async () => {
    const eta = new Date(target.now() + 2 * day * 1000).toISOString();
    const taskId = await submitTask(target, { ...hello, eta });
    await powers.settled();
    expect(await powers.countMessages('default')).toBe(0);
    await target.passTime(2 * day - 600);
    expect(await readTask(target, taskId)).toMatchObject({ state: 'SCHEDULED', eta });
    // The minutes in which the reconciler looks ahead and sends the message, delayed.
    await target.passTime(360);
    expect(await hints(taskId)).toBe(1);
    expect(await readTask(target, taskId)).toMatchObject({ state: 'SCHEDULED', attempts: 0 });
    await target.passTime(240);
    const record = await taskUntil(target, taskId, ended);
    expect(late(record)).toBeGreaterThanOrEqual(-2);
    expect(late(record)).toBeLessThan(5);
    expect(states(record)).toEqual(['SCHEDULED', 'STARTED', 'SUCCESS']);
    // The second makes up for a first that may have been lost.
    expect(await hints(taskId)).toBe(2);
  });
});

describe('a task that expires', () => {
  it('ends Expired at its time when no worker had time for it, and is not run afterwards', async () => {
    await powers.pause('default');
    const taskId = await submitTask(target, { ...hello, expires: 90 });
    await target.passTime(150);
    const expired = await readTask(target, taskId);
    expect(expired).toMatchObject({
      state: 'FAILURE',
      attempts: 0,
      started_at: null,
      error: { type: 'Expired', message: expect.stringMatching(/^not started by 20/) },
    });
    await powers.resume('default');
    await powers.settled();
    expect(states(await readTask(target, taskId))).toEqual(['PENDING', 'FAILURE']);
    expect(await powers.countMessages('default dead letters')).toBe(0);
  });

  it('runs when it begins in time, however long it takes then', async () => {
    const taskId = await submitTask(target, { ...hello, countdown: 30, expires: 60 });
    await target.passTime(31);
    await taskUntil(target, taskId, ended);
  });
});

describe('twelve tasks of which ten may start a minute', () => {
  it('start in turn: those that must wait say so, and spend no attempt', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        submitTask(target, { task: 'rate_limited_echo', input: { message: `${n}` } }),
      ),
    );
    await powers.settled();
    const now = await Promise.all(ids.map((taskId) => readTask(target, taskId)));
    const waiting = now.filter(({ state }) => state === 'SCHEDULED');
    expect(waiting.length).toBeGreaterThanOrEqual(10);
    expect(waiting.every(({ attempts }) => attempts === 0)).toBe(true);
    const said = await ask(
      target,
      'GET',
      `/api/v1/tasks/${ids[now.indexOf(waiting[0] as TaskReply)]}/status`,
    );
    expect(said.body).toMatchObject({
      ...{ state: 'PENDING', status: expect.stringMatching(/^waits for its rate limit until 20/) },
    });

    // One start after the other: a jump would wake all of them at once.
    for (let start = 1; start < ids.length; start++) await target.passTime(7);
    const all = await Promise.all(ids.map((taskId) => taskUntil(target, taskId, ended)));
    expect(all.map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
    const starts = all.map(({ started_at }) => Date.parse(started_at ?? '')).sort((a, b) => a - b);
    for (const [index, start] of starts.entries()) {
      const eleventh = starts[index + 10];
      if (eleventh !== undefined) expect(eleventh - start).toBeGreaterThanOrEqual(60_000);
    }
  });
});
