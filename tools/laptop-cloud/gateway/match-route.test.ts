import { describe, expect, it } from 'vitest';
import { matchRoute } from './match-route.ts';

const ROUTES = [
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'GET /pets/dog/1',
  'ANY /pets/{kind}/1',
  'POST /pets/{kind}/1',
].map((routeKey) => ({ routeKey, functionName: 'api' }));

const match = (method: string, path: string, keys?: string[]) => {
  const found = matchRoute(
    keys?.map((routeKey) => ({ routeKey, functionName: 'api' })) ?? ROUTES,
    method,
    path,
  );
  return found && [found.route.routeKey, found.pathParameters];
};

describe('a route', () => {
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/1', 'ANY /pets/{kind}/1', { kind: 'cat' }],
    ['POST', '/pets/cat/1', 'POST /pets/{kind}/1', { kind: 'cat' }],
    ['GET', '/pets/cat/9/tail', 'GET /pets/{proxy+}', { proxy: 'cat/9/tail' }],
    ['POST', '/tasks', 'ANY /{proxy+}', { proxy: 'tasks' }],
    ['GET', '/', '$default', {}],
  ])('for %s %s is the most specific: %s', (method, path, routeKey, pathParameters) => {
    expect(match(method, path)).toEqual([routeKey, pathParameters]);
  });

  it('is chosen whatever their order', () => {
    const reversed = ROUTES.map(({ routeKey }) => routeKey).reverse();
    expect(match('GET', '/pets/dog/1', reversed)).toEqual(['GET /pets/dog/1', {}]);
  });

  it('takes no trailing slash, no empty variable and no other method', () => {
    const keys = ['GET /health', 'GET /tasks/{id}'];
    expect(match('GET', '/health/', keys)).toBeNull();
    expect(match('GET', '/tasks/', keys)).toBeNull();
    expect(match('POST', '/health', keys)).toBeNull();
    expect(match('GET', '/tasks/1/status', keys)).toBeNull();
    expect(match('GET', '/health/', [...keys, '$default'])).toEqual(['$default', {}]);
  });
});
