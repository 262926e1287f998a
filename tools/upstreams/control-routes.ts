import type * as z from 'zod';
import { FaultOrder, type FaultOrders } from './fault-orders.ts';
import type { RequestLog } from './request-log.ts';
import { jsonReply, type UpstreamReply, type UpstreamRoute } from './upstream-route.ts';

/** Whether a path belongs to the stand-in's own controls: those are never faulted and never logged. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/__');
}

/** The controls every stand-in has: faults on order (`/__faults`) and what it was asked (`/__requests`). */
export function controlRoutes(faults: FaultOrders, requests: RequestLog): UpstreamRoute[] {
  return [
    { method: 'POST', path: '/__faults', handle: ({ body }) => orderFault(body, faults) },
    { method: 'GET', path: '/__faults', handle: () => jsonReply(200, faults.list()) },
    { method: 'DELETE', path: '/__faults', handle: () => cleared(faults) },
    { method: 'GET', path: '/__requests', handle: () => jsonReply(200, requests.list()) },
    { method: 'DELETE', path: '/__requests', handle: () => cleared(requests) },
  ];
}

function cleared(book: { readonly clear: () => void }): UpstreamReply {
  book.clear();
  return { status: 204 };
}

function orderFault(body: Buffer, faults: FaultOrders): UpstreamReply {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return jsonReply(422, { message: `The fault order is not JSON: ${String(error)}`, errors: [] });
  }
  const order = FaultOrder.safeParse(value);
  if (!order.success) return jsonReply(422, refusal(order.error));
  faults.add(order.data);
  return jsonReply(201, order.data);
}

function refusal(error: z.ZodError) {
  const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const said = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return { message: `The fault order is wrong: ${said}`, errors };
}
