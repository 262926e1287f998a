import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

it('is kept for as long as its task says, and then said to be gone', async () => {
  const { target } = laptop;
  const taskId = await submitTask(target, { task: 'test_celery', input: { message: 'hello' } });
  await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
  await target.passTime(3601);
  const { body } = await ask(target, 'GET', `/api/v1/tasks/${taskId}`);
  expect(body).toMatchObject({ state: 'SUCCESS', result: null, result_expired: true });
});
