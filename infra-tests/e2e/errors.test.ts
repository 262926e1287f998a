import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Answer, ask, submitTask } from './api-calls.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
beforeAll(async () => {
  opened = await openTarget();
  target = opened.target;
});
afterAll(() => opened.stop());

const problem = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string().min(1) })),
});

/** Checks that an answer has the one shape of every error; returns the paths of the faults it names, in order. */
function expectProblem(answer: Answer, status: number, kind: string): string[] {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const body = problem.parse(answer.body);
  expect(answer.status).toBe(status);
  expect(body).toMatchObject({ status, type: `/problems/${kind}` });
  return body.errors.map(({ path }) => path).sort();
}

const hello = { task: 'test_celery', input: { message: 'hello' } };

describe('a request that does not fit', () => {
  it('is told every field at once, those that nobody knows too', async () => {
    const json = { name: '<b></b>', latitude: 90.1, longitude: '13', elevation: 9001, colour: 'red', id: 1 };
    const answer = await ask(target, 'POST', '/api/v1/locations', { json });
    expect(expectProblem(answer, 422, 'validation')).toEqual([
      'colour',
      'elevation',
      'id',
      'latitude',
      'longitude',
      'name',
    ]);
  });

  it('is told what is missing', async () => {
    const answer = await ask(target, 'POST', '/api/v1/locations', { json: {} });
    expect(expectProblem(answer, 422, 'validation')).toEqual(['latitude', 'longitude', 'name']);
  });

  it('is told what is wrong with a submission around its arguments', async () => {
    const json = { ...hello, priority: 'highest', tags: ['x', ''], colour: 'red' };
    const answer = await ask(target, 'POST', '/api/v1/tasks', { json });
    expect(expectProblem(answer, 422, 'validation')).toEqual(['colour', 'priority', 'tags.1']);
  });

  it('is told what is wrong with a task’s arguments', async () => {
    const json = { task: 'test_celery', input: { message: 7, volume: 11 } };
    const answer = await ask(target, 'POST', '/api/v1/tasks', { json });
    expect(expectProblem(answer, 422, 'validation')).toEqual(['input.message', 'input.volume']);
  });

  it('is told that there is no task of this name', async () => {
    const answer = await ask(target, 'POST', '/api/v1/tasks', { json: { ...hello, task: 'tset_celery' } });
    expect(expectProblem(answer, 422, 'validation')).toEqual(['task']);
    expect(problem.parse(answer.body).detail).toContain('test_celery');
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['state=WAITING', 'state'],
    ['cursor=nonsense', 'cursor'],
    ['page=2', 'page'],
  ])('is told what is wrong with a list asked by %s', async (query, path) => {
    const answer = await ask(target, 'GET', `/api/v1/tasks?${query}`);
    expect(expectProblem(answer, 422, 'validation')).toEqual([path]);
  });
});

describe('a body that cannot be read', () => {
  it.each([
    ['malformed', '{"task": "test_celery",'],
    ['empty', ''],
  ])('is refused when it is %s', async (_, text) => {
    expectProblem(await ask(target, 'POST', '/api/v1/tasks', { text }), 400, 'malformed-json');
  });

  it('is refused when it has another type', async () => {
    const headers = { 'content-type': 'text/plain' };
    const text = JSON.stringify(hello);
    expectProblem(
      await ask(target, 'POST', '/api/v1/tasks', { text, headers }),
      415,
      'unsupported-media-type',
    );
  });

  it('is refused when it is larger than a megabyte', async () => {
    const json = { ...hello, input: { message: 'x'.repeat(1024 * 1024) } };
    expectProblem(await ask(target, 'POST', '/api/v1/tasks', { json }), 413, 'body-too-large');
  });
});

describe('what is not there', () => {
  it.each(['/', '/api/v1/nothing', '/api/v1/tasks/x/nothing', '/api/v2/tasks'])(
    'is 404: %s',
    async (path) => {
      expectProblem(await ask(target, 'GET', path), 404, 'not-found');
    },
  );

  const unknown = '01900000-0000-7000-8000-000000000000';
  it.each([`/api/v1/tasks/${unknown}`, `/api/v1/tasks/${unknown}/status`, `/api/v1/locations/${unknown}`])(
    'is 404, though the path exists: %s',
    async (path) => {
      const answer = await ask(target, 'GET', path);
      expectProblem(answer, 404, 'not-found');
      expect(problem.parse(answer.body).detail).toContain(unknown);
    },
  );

  it.each([
    ['DELETE', '/api/v1/tasks', 'GET, HEAD, POST'],
    ['PUT', '/health', 'GET, HEAD'],
  ])('is 405 with the methods that are: %s %s', async (method, path, allow) => {
    const answer = await ask(target, method, path);
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('a token', () => {
  it.each([
    ['absent', null],
    ['wrong', `cel_${'0'.repeat(43)}`],
    ['no token at all', 'Bearer'],
  ])('is asked for when it is %s', async (_, token) => {
    const answer = await ask(target, 'GET', '/api/v1/tasks', { token });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('that may only read cannot submit, and the other way round', async () => {
    const reader = await target.issueToken({ name: 'reader', tenant: 'default', scopes: ['read'] });
    const refused = await ask(target, 'POST', '/api/v1/tasks', { json: hello, token: reader });
    expectProblem(refused, 403, 'forbidden');
    expect(refused.headers.get('www-authenticate')).toContain('scope="submit"');
    expect((await ask(target, 'GET', '/api/v1/tasks', { token: reader })).status).toBe(200);

    const submitter = await target.issueToken({ name: 'submitter', tenant: 'default', scopes: ['submit'] });
    const taskId = await submitTask(target, hello, submitter);
    expectProblem(
      await ask(target, 'GET', `/api/v1/tasks/${taskId}`, { token: submitter }),
      403,
      'forbidden',
    );
  });

  it('is not needed to ask for health', async () => {
    for (const path of ['/health', '/health/']) {
      const { status, body } = await ask(target, 'GET', path, { token: null });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: 'healthy',
        checks: { database: 'ok', cache: 'ok', celery: 'ok' },
      });
    }
  });
});
