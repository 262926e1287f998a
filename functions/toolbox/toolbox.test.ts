import { describe, expect, it } from 'vitest';
import { taskContext } from '#functions/runtime/fixtures/task-context.ts';
import { answerHealthCheck } from './health-check.ts';
import { answerRateLimitedEcho } from './rate-limited-echo.ts';
import { answerTestCelery } from './test-celery.ts';

const context = taskContext();

describe('test_celery', () => {
  it('answers what it was told', async () => {
    expect(await answerTestCelery.run({ message: 'hi' }, context)).toEqual({
      ...{ status: 'success', message: 'hi', task_id: 'task-1' },
    });
  });

  it('takes nothing but a message', async () => {
    await expect(answerTestCelery.run({ message: 'hi', more: 1 }, context)).rejects.toThrow('more');
  });
});

describe('rate_limited_echo', () => {
  it('answers what it was told, and when', async () => {
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    expect(await answerRateLimitedEcho(clock).run({ message: 'hi' }, context)).toEqual({
      ...{ message: 'hi', started_at: '2026-01-01T00:00:00.000Z' },
    });
  });
});

describe('health_check', () => {
  it("answers the worker's time", async () => {
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    expect(await answerHealthCheck(clock).run({}, context)).toEqual({
      ...{ status: 'healthy', timestamp: '2026-01-01T00:00:00.000Z', message: 'the worker is alive' },
    });
  });
});
