import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
/** The same target, seen by whom the tasks of schedules belong to. */
let system: Target;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
  const token = await target.issueToken({ name: 'operator', tenant: 'system', scopes: ['read'] });
  system = { ...target, token };
});
afterAll(() => laptop.stop());

const day = 86_400_000;
const twoOClock = 2 * 3_600_000;

/** Lets the time pass until shortly after the next 02:00 UTC; returns that instant as EventBridge writes it. */
async function passTwoOClock(): Promise<string> {
  const next = Math.ceil((target.now() - twoOClock) / day) * day + twoOClock;
  await target.passTime((next - target.now()) / 1000 + 30);
  await powers.settled();
  return new Date(next).toISOString().replace('.000', '');
}

const page = z.object({ items: z.array(z.looseObject({ task_id: z.string() })), next_cursor: z.null() });

/** The ids of every task that the system has. */
async function systemTasks(): Promise<string[]> {
  const { body } = await ask(system, 'GET', '/api/v1/tasks?task=cleanup_old_results&limit=100');
  return page.parse(body).items.map(({ task_id }) => task_id);
}

describe('the nightly clean-up', () => {
  // A day passes with every run of the reconciler in it.
  it('runs once, as the system’s own, and removes the results that have expired', {
    timeout: 120_000,
  }, async () => {
    // In JSON each of these takes six bytes: large enough to be stored beside the record.
    const input = { message: '\u0001'.repeat(1000) };
    const taskId = await submitTask(target, { task: 'test_celery', input });
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    const [inputKey, resultKey, ...others] = (await powers.storedPayloads(taskId)).sort().reverse();
    expect([inputKey, resultKey, others]).toEqual([
      ...[expect.stringMatching(/\/input-[^/]+\.json$/), expect.stringMatching(/\/result\.json$/), []],
    ]);
    await target.passTime(3600);
    expect(await powers.storedPayloads(taskId)).toHaveLength(2);

    const before = await systemTasks();
    const slot = await passTwoOClock();
    const [cleanup = '', ...more] = (await systemTasks()).filter((id) => !before.includes(id));
    expect(more).toEqual([]);
    const ended = await taskUntil(system, cleanup, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(ended.result).toEqual({ status: 'success', scanned: 2, deleted: 1, kept: 1, complete: true });
    expect((await ask(target, 'GET', `/api/v1/tasks/${cleanup}`)).status).toBe(404);

    expect(await powers.storedPayloads(taskId)).toEqual([inputKey]);
    const { body } = await ask(target, 'GET', `/api/v1/tasks/${taskId}`);
    expect(body).toMatchObject({ state: 'SUCCESS', input, result: null, result_expired: true });

    await powers.fireRule('cleanup_old_results', slot);
    expect(await systemTasks()).toEqual([cleanup, ...before]);
  });

  it('is submitted once by a rule that fires more often, at once and later', async () => {
    const before = await systemTasks();
    const slot = '2026-01-01T02:00:00Z';
    await Promise.all([1, 2, 3].map(() => powers.fireRule('cleanup_old_results', slot)));
    await powers.fireRule('cleanup_old_results', slot);
    const again = (await systemTasks()).filter((id) => !before.includes(id));
    expect(again).toHaveLength(1);
    await taskUntil(system, again[0] ?? '', ({ state }) => expect(state).toBe('SUCCESS'));
  });

  it('is not submitted at any other minute', async () => {
    const before = await systemTasks();
    await powers.fireRule('cleanup_old_results', '2026-01-01T02:01:00Z');
    expect(await systemTasks()).toEqual(before);
  });
});
