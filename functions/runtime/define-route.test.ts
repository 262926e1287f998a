import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask } from '#shared/tasks/define-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { bindRoutes } from './bind-routes.ts';
import { bindTasks } from './bind-tasks.ts';
import { defineRoute, noBody } from './define-route.ts';
import { implementRoute } from './implement-route.ts';

const rest = { method: 'GET', scope: 'read', summary: 'x', output: z.object({}) } as const;

describe('defineRoute', () => {
  it('fills in what is usual', () => {
    const route = defineRoute({ ...rest, path: '/a' });
    expect(route).toMatchObject({ status: 200, body: null });
    expect(route.query.safeParse({ any: 1 }).success).toBe(false);
  });

  it.each(['a', '/a/', '/', '/A', '/a//b', '/a?b=1', '/{a}x'])('refuses the path %s', (path) => {
    expect(() => defineRoute({ ...rest, path })).toThrow(`"${path}" must be made of`);
  });

  it('refuses params that are not those of the path', () => {
    const params = z.strictObject({ id: z.string() });
    expect(() => defineRoute({ ...rest, path: '/a/{task_id}', params })).toThrow(
      'GET /a/{task_id}: params declares [id], the path names [task_id]',
    );
    expect(() => defineRoute({ ...rest, path: '/a/{id}' })).toThrow('params declares []');
  });
});

describe('a route that answers without a body', () => {
  it('is 204, and no other is', () => {
    expect(defineRoute({ ...rest, path: '/a', output: noBody })).toMatchObject({ status: 204 });
    const message = 'GET /a: status 204 and output noBody only together';
    expect(() => defineRoute({ ...rest, path: '/a', output: noBody, status: 200 })).toThrow(message);
    expect(() => defineRoute({ ...rest, path: '/a', status: 204 })).toThrow(message);
  });
});

describe('bindRoutes', () => {
  const a = defineRoute({ ...rest, path: '/a' });
  const b = defineRoute({ ...rest, path: '/b' });
  const work = async () => ({ body: {} });

  it('gives the handlers when each route has exactly one', () => {
    const handlers = [implementRoute(a, work), implementRoute(b, work)];
    expect(bindRoutes([a, b], handlers)).toEqual(handlers);
  });

  it('names routes without, with two and from outside the registry', () => {
    expect(() => bindRoutes([a, b], [implementRoute(a, work), implementRoute(a, work)])).toThrow(
      'GET /a has 2 implementations; GET /b has 0 implementations',
    );
    expect(() => bindRoutes([], [implementRoute(b, work)])).toThrow(
      'GET /b is implemented but not in the registry',
    );
  });
});

describe('bindTasks', () => {
  const spec = defineTask({ name: 'one', description: 'x', input: z.object({}), output: z.object({}) });
  const other = defineTask({ name: 'other', description: 'x', input: z.object({}), output: z.object({}) });
  const one = implement(spec, async () => ({}));

  it('finds implementations by name', () => {
    expect(bindTasks([spec], [one]).get('one')).toBe(one);
  });

  it('names tasks without, with two and of another worker', () => {
    expect(() => bindTasks([spec, other], [one, one])).toThrow(
      'one has 2 implementations; other has 0 implementations',
    );
    expect(() => bindTasks([], [one])).toThrow("one is implemented but not one of this worker's tasks");
  });
});
