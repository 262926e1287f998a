import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import { type OpenTarget, openTarget } from './open-target.ts';

let opened: OpenTarget;
beforeAll(async () => {
  opened = await openTarget();
});
afterAll(() => opened.stop());

it('runs in a thread: it tells how far it is, and holds up no other task', async () => {
  const { target } = opened;
  const input = { limit: 50_000_000, rounds: 15 };
  const counting = await submitTask(target, { task: 'count_primes', input });
  await taskUntil(target, counting, ({ state, status }) => {
    expect([state, status]).toEqual(['PROGRESS', expect.stringMatching(/^Counted up to \d+$/)]);
  });
  const other = await submitTask(target, { task: 'test_celery', input: { message: 'beside it' } });
  const quick = await taskUntil(target, other, ({ state }) => expect(state).toBe('SUCCESS'));
  const counted = await taskUntil(target, counting, ({ state }) => expect(state).toBe('SUCCESS'));
  expect(counted).toMatchObject({ progress: 100, result: { limit: 50_000_000, primes: 3_001_134 } });
  expect(Date.parse(quick.finished_at ?? '')).toBeLessThan(Date.parse(counted.finished_at ?? ''));
});

it('stops when the task is cancelled', async () => {
  const { target } = opened;
  const input = { limit: 50_000_000, rounds: 1000 };
  const counting = await submitTask(target, { task: 'count_primes', input });
  await taskUntil(target, counting, ({ state }) => expect(state).toBe('PROGRESS'));
  const answer = await ask(target, 'POST', `/api/v1/tasks/${counting}/cancel`);
  expect(answer.status).toBe(200);
  const { progress, result } = await taskUntil(target, counting, ({ state }) =>
    expect(state).toBe('CANCELLED'),
  );
  expect(progress).toBeLessThan(50);
  expect(result).toBeNull();
});
