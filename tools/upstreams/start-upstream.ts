import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { controlRoutes, isControlPath } from './control-routes.ts';
import { createFaultOrders, type FaultOrder } from './fault-orders.ts';
import { matchesPath } from './path-pattern.ts';
import { createRequestLog } from './request-log.ts';
import { jsonReply, type UpstreamReply, type UpstreamRoute } from './upstream-route.ts';

const LARGEST_BODY = 10 * 1024 * 1024;

/** A stand-in that listens; `stop` cuts open connections and may be called again. */
export type RunningUpstream = { readonly url: string; readonly stop: () => Promise<void> };

/** How to start a stand-in. */
export type UpstreamOptions = {
  readonly routes: readonly UpstreamRoute[];
  /** @default 0, a free port */
  readonly port?: number;
  /** Gets a line per request, without its query. @default silence */
  readonly log?: (line: string) => void;
  /** The service's own reply to an error status that was ordered. @default `{message}` with the status's name */
  readonly errorReply?: (status: number) => UpstreamReply;
  readonly now?: () => Date;
};

/**
 * Starts a stand-in for an outside service: real HTTP on 127.0.0.1, the given routes, `/__faults` and
 * `/__requests`. Unknown paths answer 404. Throws when the port is taken.
 */
export async function startUpstream(options: UpstreamOptions): Promise<RunningUpstream> {
  const { log = () => undefined, now = () => new Date(), errorReply = plainErrorReply } = options;
  const faults = createFaultOrders();
  const requests = createRequestLog();
  const routes = [...controlRoutes(faults, requests), ...options.routes];
  const closing = new AbortController();

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const at = now();
    const method = incoming.method ?? 'GET';
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const control = isControlPath(path);
    const correlationId = incoming.headers['x-correlation-id']?.toString();
    const answered = control ? null : requests.arrive(method, path, query, at, correlationId);
    const fault = control ? null : faults.take(path);

    if (fault && !(await passes(fault.delay_ms, closing.signal, outgoing))) return;
    if (fault?.drop) {
      log(`${method} ${path} dropped`);
      incoming.socket.destroy();
      return;
    }
    const reply = isReplyOrdered(fault)
      ? orderedReply(fault, errorReply)
      : await routeReply(routes, { method, path, query, headers: incoming.headers, incoming });
    answered?.(reply.status);
    log(`${method} ${path} ${reply.status}`);
    outgoing.writeHead(reply.status, { ...reply.headers }).end(reply.body);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      log(`${incoming.method} failed: ${error instanceof Error ? error.stack : String(error)}`);
      if (outgoing.headersSent || outgoing.destroyed) outgoing.destroy();
      else outgoing.writeHead(500).end(`The stand-in itself failed: ${String(error)}`);
    });
  });
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    stop: async () => {
      closing.abort();
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Error(`Cannot listen on 127.0.0.1:${port}. Give a free port, or 0 to have one chosen.`, {
      cause: error,
    });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return `http://127.0.0.1:${address.port}`;
}

/** Waits; false when the client left or the stand-in stopped meanwhile, so that nothing outlives `stop`. */
async function passes(ms: number, closing: AbortSignal, outgoing: ServerResponse): Promise<boolean> {
  if (ms === 0) return true;
  const left = new AbortController();
  outgoing.once('close', () => left.abort());
  const signal = AbortSignal.any([closing, left.signal]);
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function isReplyOrdered(fault: FaultOrder | null): fault is FaultOrder & { status: number } {
  return fault?.status !== undefined;
}

function orderedReply(
  fault: FaultOrder & { status: number },
  errorReply: (status: number) => UpstreamReply,
): UpstreamReply {
  const usual = errorReply(fault.status);
  return {
    status: fault.status,
    headers: { ...usual.headers, ...lowerCased(fault.headers) },
    body: fault.body ?? usual.body ?? '',
  };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function plainErrorReply(status: number): UpstreamReply {
  return jsonReply(status, { message: STATUS_CODES[status] ?? `Status ${status}` });
}

async function routeReply(
  routes: readonly UpstreamRoute[],
  asked: Omit<Parameters<UpstreamRoute['handle']>[0], 'body'> & { readonly incoming: IncomingMessage },
): Promise<UpstreamReply> {
  const { incoming, ...request } = asked;
  const route = routes.find(({ method, path }) => method === asked.method && matchesPath(path, asked.path));
  const body = await readBody(incoming);
  if (!route) return jsonReply(404, { message: 'Not Found' });
  if (body === null) return jsonReply(413, { message: `The body is over ${LARGEST_BODY} bytes` });
  return await route.handle({ ...request, body });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size > LARGEST_BODY ? null : Buffer.concat(chunks);
}
