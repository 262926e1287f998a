import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from './api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

it('refuses in API Gateway’s own words a body that is larger than API Gateway carries', async () => {
  const json = { task: 'test_celery', input: { message: 'x'.repeat(10 * 1024 * 1024) } };
  const { status, body } = await ask(laptop.target, 'POST', '/api/v1/tasks', { json });
  expect(status).toBe(413);
  expect(body).toEqual({ message: 'Request Entity Too Large' });
});
