import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import type { CloudPowers } from './cloud-powers.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import { anId, aTime } from './shapes.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
let powers: CloudPowers;
beforeAll(async () => {
  opened = await openTarget();
  ({ target, powers } = opened);
});
afterAll(() => opened.stop());

const hello = { task: 'test_celery', input: { message: 'hello' } };
const ended = ({ state }: { state: string }) => expect(state).toBe('SUCCESS');

describe('a submitted task', () => {
  it('is answered with its id and where to look', async () => {
    const { status, headers, body } = await ask(target, 'POST', '/api/v1/tasks', { json: hello });
    expect(status).toBe(202);
    expect(body).toEqual({ task_id: anId, state: 'PENDING', status_url: expect.any(String) });
    const { task_id, status_url } = z.object({ task_id: z.string(), status_url: z.string() }).parse(body);
    expect(status_url).toBe(`/api/v1/tasks/${task_id}/status`);
    expect(headers.get('location')).toBe(`/api/v1/tasks/${task_id}`);
    expect(headers.get('retry-after')).toBe('1');
  });

  it('waits as PENDING, tells when to ask again, and has no result yet', async () => {
    await powers.pause('default');
    const taskId = await submitTask(target, { ...hello, tags: ['blue', 'urgent'] });
    const record = await ask(target, 'GET', `/api/v1/tasks/${taskId}`);
    expect(record.headers.get('retry-after')).toBe('1');
    expect(record.body).toEqual({
      task_id: taskId,
      task: 'test_celery',
      queue: 'default',
      state: 'PENDING',
      status: null,
      progress: null,
      input: { message: 'hello' },
      result: null,
      result_expired: false,
      error: null,
      attempts: 0,
      max_attempts: 4,
      epoch: 1,
      priority: 'normal',
      tags: ['blue', 'urgent'],
      tenant: target.tenant,
      created_at: aTime,
      eta: null,
      started_at: null,
      finished_at: null,
      next_attempt_at: null,
      expires_at: null,
      record_expires_at: null,
      cancel_requested: false,
      parent_id: null,
      workflow_id: null,
      timeline: [{ state: 'PENDING', at: aTime, attempt: 0, epoch: 1, detail: null }],
    });
    const status = await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`);
    expect(status.headers.get('retry-after')).toBe('1');
    expect(status.body).toEqual({
      ...{ task_id: taskId, state: 'PENDING', status: null, progress: null, result: null, error: null },
    });
    await powers.resume('default');
    await taskUntil(target, taskId, ended);
  });

  it('ends with its result, its times and its history', async () => {
    const taskId = await submitTask(target, hello);
    await taskUntil(target, taskId, ended);
    const result = { status: 'success', message: 'hello', task_id: taskId };
    const record = await ask(target, 'GET', `/api/v1/tasks/${taskId}`);
    expect(record.headers.has('retry-after')).toBe(false);
    expect(record.body).toMatchObject({
      state: 'SUCCESS',
      progress: 100,
      result,
      attempts: 1,
      started_at: aTime,
      finished_at: aTime,
      expires_at: null,
      record_expires_at: aTime,
      timeline: [
        { state: 'PENDING', at: aTime, attempt: 0, epoch: 1, detail: null },
        { state: 'STARTED', at: aTime, attempt: 1, epoch: 1, detail: null },
        { state: 'SUCCESS', at: aTime, attempt: 1, epoch: 1, detail: null },
      ],
    });
    const status = await ask(target, 'GET', `/api/v1/tasks/${taskId}/status`);
    expect(status.headers.has('retry-after')).toBe(false);
    expect(status.body).toEqual({
      ...{ task_id: taskId, state: 'SUCCESS', status: null, progress: 100, result, error: null },
    });
  });
});

describe('large arguments and results', () => {
  // JSON writes a control character as six bytes, so the longest message that test_celery takes is over 4 KB.
  const message = '\u0001'.repeat(1000);

  it('travel through the payload bucket and come back as they were', async () => {
    const taskId = await submitTask(target, { task: 'test_celery', input: { message } });
    const { input, result } = await taskUntil(target, taskId, ended);
    expect(input).toEqual({ message });
    expect(result).toEqual({ status: 'success', message, task_id: taskId });
    expect(await powers.storedPayloads(taskId)).toEqual([
      `payloads/${taskId}/1/1/result.json`,
      expect.stringMatching(new RegExp(`^payloads/${taskId}/1/input-[0-9a-f-]{36}\\.json$`)),
    ]);
    expect(JSON.stringify(await powers.storedRecord(taskId)).length).toBeLessThan(1500);
  });
});

describe('a task of high priority', () => {
  it('takes the priority queue, past the tasks that wait in the default queue', async () => {
    await powers.pause('default');
    await powers.pause('priority');
    const normal = await submitTask(target, hello);
    const high = await submitTask(target, { ...hello, priority: 'high' });
    expect(await powers.countMessages('default')).toBe(1);
    expect(await powers.countMessages('priority')).toBe(1);

    await powers.resume('priority');
    const first = await taskUntil(target, high, ended);
    expect(first).toMatchObject({ queue: 'priority', priority: 'high' });
    expect(await powers.countMessages('default')).toBe(1);
    await powers.resume('default');
    await taskUntil(target, normal, ended);
  });
});
