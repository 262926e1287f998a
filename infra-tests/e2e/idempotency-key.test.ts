import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, taskUntil } from './api-calls.ts';
import { type OpenTarget, openTarget } from './open-target.ts';

let opened: OpenTarget;
beforeAll(async () => {
  opened = await openTarget();
});
afterAll(() => opened.stop());

const submit = (json: unknown, key?: string) =>
  ask(opened.target, 'POST', '/api/v1/tasks', {
    json,
    ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
  });
const idOf = ({ body }: Answer) => String(Object(body)['task_id']);
const hello = { task: 'test_celery', input: { message: 'hello' } };

describe('submissions with one Idempotency-Key', () => {
  it('are one task, though they come at once, and another with another key', async () => {
    await opened.powers.pause('default');
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(hello, 'order-7')));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const [taskId = '', ...others] = new Set(answers.map(idOf));
    expect(others).toEqual([]);
    expect(await opened.powers.countMessages('default')).toBe(1);
    expect(idOf(await submit(hello, 'order-8'))).not.toBe(taskId);

    await opened.powers.resume('default');
    const ended = await taskUntil(opened.target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(ended).toMatchObject({ attempts: 1, epoch: 1 });
    const later = await submit(hello, 'order-7');
    expect(later).toMatchObject({ status: 200, body: { task_id: taskId, state: 'SUCCESS' } });
    const duplicates = await opened.powers.logged('task was submitted before: nothing was stored or sent');
    const ofThisTask = duplicates.filter((line) => line['task_id'] === taskId);
    expect(ofThisTask).toHaveLength(5);
  });

  it('are refused when they ask for something else', async () => {
    await submit(hello, 'order-9');
    const refused = await submit({ ...hello, input: { message: 'bye' } }, 'order-9');
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ errors: [{ path: 'Idempotency-Key' }] });
    expect((await submit(hello, 'with a space')).status).toBe(422);
  });
});

describe('a task that there may be only one of', () => {
  it('is the same for all who ask at once, and a new one when it has ended', async () => {
    const cleanup = { task: 'cleanup_old_results' };
    await opened.powers.pause('default');
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(cleanup)));
    const [taskId = '', ...others] = new Set(answers.map(idOf));
    expect(others).toEqual([]);
    await opened.powers.resume('default');
    await taskUntil(opened.target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    expect(idOf(await submit(cleanup))).not.toBe(taskId);
  });
});
