import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { listenOnLaptop, stopListening } from '#tools/laptop-cloud/listen-on-laptop.ts';

/** A call of an AWS API that went over the wire, and its answer. */
export interface WireCall {
  /** The access key: a function's name, or `laptop-cloud` for its own calls. */
  readonly caller: string;
  /** As in the API's reference: `PutItem`, `SendMessage`. */
  readonly operation: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly reply: Readonly<Record<string, unknown>>;
}

/** A proxy that keeps every call that passes, in order of the answers. */
export interface CountingProxy {
  readonly calls: readonly WireCall[];
  /** Opens a port before a server; resolves with its URL. */
  before(server: string): Promise<string>;
  /** Closes every port. */
  stop(): Promise<void>;
}

const json = z.record(z.string(), z.unknown());

/** Starts a proxy on 127.0.0.1 for AWS's JSON protocols. DynamoDB's calls are made to tell what they consume. */
export function startCountingProxy(): CountingProxy {
  const calls: WireCall[] = [];
  const ports = new AsyncDisposableStack();
  const agent = ports.adopt(new Agent({ keepAlive: true }), async (kept) => kept.destroy());

  async function pass(incoming: IncomingMessage, server: string) {
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const sent = await buffer(incoming);
    const asked = target === '' ? {} : json.parse(JSON.parse(sent.toString()));
    const body = target.startsWith('DynamoDB_')
      ? Buffer.from(JSON.stringify(countingUnits(target, asked)))
      : sent;
    const outgoing = request(server + incoming.url, {
      agent,
      method: incoming.method ?? 'GET',
      headers: { ...incoming.headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    const answer = await buffer(reply);
    if (target !== '') {
      const caller = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
      const operation = target.slice(target.indexOf('.') + 1);
      const told = answer.length === 0 ? {} : json.parse(JSON.parse(answer.toString()));
      calls.push({ caller, operation, request: asked, reply: told });
    }
    return { status: reply.statusCode ?? 502, headers: reply.headers, answer };
  }

  async function before(server: string): Promise<string> {
    const port = createServer((incoming, outgoing) => {
      pass(incoming, server).then(
        ({ status, headers, answer }) => outgoing.writeHead(status, headers).end(answer),
        (error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined),
      );
    });
    const url = await listenOnLaptop(port, 0);
    ports.defer(() => stopListening(port));
    return url;
  }

  return { calls, before, stop: () => ports.disposeAsync() };
}

/** The operations that can tell what they consume; the others refuse the question. */
const consuming = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'BatchGetItem',
  'TransactWriteItems',
];

function countingUnits(target: string, asked: Record<string, unknown>): Record<string, unknown> {
  const tells = consuming.some((operation) => target.endsWith(`.${operation}`));
  return tells ? { ...asked, ReturnConsumedCapacity: 'TOTAL' } : asked;
}
