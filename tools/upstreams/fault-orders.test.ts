import { describe, expect, it } from 'vitest';
import { createFaultOrders, FaultOrder } from './fault-orders.ts';

const order = (fields: object) => FaultOrder.parse({ match: '/*', ...fields });

describe('FaultOrder', () => {
  it('fills in one time, no delay and no headers', () => {
    expect(order({ status: 503 })).toEqual({
      match: '/*',
      status: 503,
      delay_ms: 0,
      times: 1,
      every: 1,
      headers: {},
      drop: false,
    });
  });

  it.each([
    ['no match', { match: undefined, status: 503 }, 'match'],
    ['a match that is no path', { match: 'search', status: 503 }, 'match'],
    ['an unknown field', { status: 503, time: 2 }, ''],
    ['a status out of range', { status: 600 }, 'status'],
    ['a broken count', { status: 503, times: 0 }, 'times'],
    ['a negative delay', { delay_ms: -1 }, 'delay_ms'],
    ['no effect at all', {}, 'status'],
    ['a status on a dropped connection', { status: 503, drop: true }, 'drop'],
    ['a body without a status', { delay_ms: 5, body: 'x' }, 'body'],
    ['headers without a status', { delay_ms: 5, headers: { a: 'b' } }, 'headers'],
    ['a header that HTTP cannot carry', { status: 503, headers: { 'a b': 'c' } }, 'headers'],
    ['a header value with a line break', { status: 503, headers: { a: 'b\r\nc: d' } }, 'headers'],
  ])('refuses %s', (_, fields, path) => {
    const parsed = FaultOrder.safeParse({ match: '/*', ...fields });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

describe('createFaultOrders', () => {
  it('uses orders up in order of arrival, each as often as it says', () => {
    const orders = createFaultOrders();
    orders.add(order({ match: '/a/*', status: 503, times: 2 }));
    orders.add(order({ match: '/*', status: 500 }));
    orders.add(order({ match: '/a/*', status: 429 }));
    const taken = ['/a/1', '/b', '/a/2', '/b', '/a/3', '/a/4'].map((path) => orders.take(path)?.status);
    expect(taken).toEqual([503, 500, 503, undefined, 429, undefined]);
  });

  it('hits each nth request only, and lets the others pass', () => {
    const orders = createFaultOrders();
    orders.add(order({ status: 503, every: 2, times: 2 }));
    const taken = ['/1', '/2', '/3', '/4', '/5', '/6'].map((path) => orders.take(path)?.status);
    expect(taken).toEqual([undefined, 503, undefined, 503, undefined, undefined]);
  });

  it('lists what is left and clears it', () => {
    const orders = createFaultOrders();
    orders.add(order({ match: '/a', status: 503, times: 3 }));
    orders.take('/a');
    expect(orders.list()).toMatchObject([{ match: '/a', times: 2 }]);
    orders.clear();
    expect(orders.list()).toEqual([]);
    expect(orders.take('/a')).toBeNull();
  });
});
