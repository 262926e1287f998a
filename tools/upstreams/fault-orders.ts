import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';
import { matchesPath } from './path-pattern.ts';

const sendable = z.record(z.string(), z.string()).refine(
  (headers) =>
    Object.entries(headers).every(([name, value]) => {
      try {
        validateHeaderName(name);
        validateHeaderValue(name, value);
        return true;
      } catch (error) {
        // Node says by throwing that HTTP cannot carry the header; anything else is a fault of ours.
        if (error instanceof TypeError) return false;
        throw error;
      }
    }),
  'a header name or value that HTTP cannot carry',
);

/**
 * One fault on order: what happens to the next `times` requests whose path fits `match`.
 * With `status`: that reply instead of the right one; `delay_ms` alone: slow but right; `drop`: the
 * connection is cut without a reply. `body` replaces the service's own error text, also under status 200. With `every: n`
 * only each nth request that fits is hit, the others pass on to later orders or to the right reply.
 */
export const FaultOrder = z
  .strictObject({
    match: z.string().startsWith('/', 'must begin with "/"; "*" stands for any run of characters'),
    status: z.int().min(200).max(599).optional(),
    delay_ms: z.int().min(0).max(600_000).default(0),
    times: z.int().min(1).max(100_000).default(1),
    every: z.int().min(1).max(1000).default(1),
    headers: sendable.default({}),
    body: z.string().optional(),
    drop: z.boolean().default(false),
  })
  .refine((order) => !(order.drop && order.status !== undefined), {
    path: ['drop'],
    error: 'a dropped connection has no status: give one of the two',
  })
  .refine((order) => order.status !== undefined || order.body === undefined, {
    path: ['body'],
    error: 'needs a status',
  })
  .refine((order) => order.status !== undefined || Object.keys(order.headers).length === 0, {
    path: ['headers'],
    error: 'need a status',
  })
  .refine((order) => order.status !== undefined || order.drop || order.delay_ms !== 0, {
    path: ['status'],
    error: 'the order does nothing: give status, delay_ms or drop',
  });

/** A fault order with its defaults filled in. */
export type FaultOrder = z.infer<typeof FaultOrder>;

/** The orders of one stand-in that are not used up. */
export type FaultOrders = {
  readonly add: (order: FaultOrder) => void;
  /** Uses up one of the times of the earliest order that fits the path; null when none does. */
  readonly take: (path: string) => FaultOrder | null;
  /** The orders left, `times` being what remains, earliest first. */
  readonly list: () => readonly FaultOrder[];
  readonly clear: () => void;
};

/** An empty book of fault orders. */
export function createFaultOrders(): FaultOrders {
  let orders: readonly { readonly order: FaultOrder; left: number; seen: number }[] = [];
  return {
    add: (order) => {
      orders = [...orders, { order, left: order.times, seen: 0 }];
    },
    take: (path) => {
      const due = orders.find(
        (entry) => matchesPath(entry.order.match, path) && ++entry.seen % entry.order.every === 0,
      );
      if (!due) return null;
      due.left--;
      orders = orders.filter(({ left }) => left > 0);
      return due.order;
    },
    list: () => orders.map(({ order, left }) => ({ ...order, times: left })),
    clear: () => {
      orders = [];
    },
  };
}
