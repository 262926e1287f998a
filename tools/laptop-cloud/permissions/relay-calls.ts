import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { RefusalAnswer } from './refusal-answers.ts';

/** A call of a JSON protocol that the emulator, not the proxy, answered with an error. */
export interface FailedCall {
  /** `DynamoDB_20120810.PutItem` and the like. */
  readonly amzTarget: string;
  readonly request: Buffer;
  readonly status: number;
  readonly answer: Buffer;
}

/** Hands calls on to an emulator. */
export interface Relay {
  /**
   * Hands a call on.
   * @param body in place of the caller's, where it was read already
   * @param headers in place of the caller's. @default the caller's
   */
  ask(incoming: IncomingMessage, body: Buffer | null, headers?: IncomingHttpHeaders): ClientRequest;
  /**
   * Hands a call on and its answer back, both as they come, and gives up when either side does.
   * @param options.body in place of the caller's, where it was read already
   * @param options.replace says what to answer instead, by the emulator's status; null for nothing
   */
  pass(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    options: { body?: Buffer | null; replace?: (status: number) => RefusalAnswer | null },
  ): void;
  /** Cuts every connection to the emulator. */
  stop(): void;
}

/** What concerns one connection only, and is not passed on. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'expect', 'proxy-connection', 'upgrade', 'te', 'trailer'];

/**
 * Creates a relay to an emulator.
 * @param emulator its URL, without a slash at the end
 * @param onFailure gets the calls that the emulator answered with an error
 */
export function createRelay(emulator: string, onFailure: (failure: FailedCall) => void): Relay {
  const { hostname, port } = new URL(emulator);
  const agent = new Agent({ keepAlive: true });

  const ask: Relay['ask'] = (incoming, body, headers = passedOn(incoming.headers)) => {
    const asked = request({
      ...{ agent, hostname, port, headers },
      ...{ method: incoming.method ?? 'GET', path: incoming.url ?? '/' },
    });
    if (body === null) incoming.pipe(asked);
    else asked.setHeader('content-length', body.length).end(body);
    return asked;
  };

  const tellFailure = (reply: IncomingMessage, incoming: IncomingMessage, body: Buffer) => {
    const amzTarget = String(incoming.headers['x-amz-target'] ?? '');
    readWhole(reply).then(
      (answer) => onFailure({ amzTarget, request: body, status: reply.statusCode ?? 502, answer }),
      // A caller whose answer breaks off hears of it by its own connection.
      () => undefined,
    );
  };

  return {
    ask,
    pass(incoming, outgoing, { body = null, replace }) {
      const asked = ask(incoming, body);
      asked.on('response', (reply) => {
        const status = reply.statusCode ?? 502;
        const instead = replace?.(status) ?? null;
        if (instead !== null) {
          reply.resume();
          send(outgoing, instead, incoming);
          return;
        }
        outgoing.writeHead(status, passedOn(reply.headers));
        reply.pipe(outgoing);
        reply.on('error', (error) => outgoing.destroy(error));
        if (body !== null && status >= 400) tellFailure(reply, incoming, body);
      });
      asked.on('error', (error) => outgoing.destroy(error));
      // A caller that has gone must not be given messages: the emulator has to see it go.
      outgoing.on('close', () => outgoing.writableFinished || asked.destroy());
    },
    stop: () => agent.destroy(),
  };
}

/** As `node:stream/consumers` does, without the Blob that it makes on the way: every call of a table passes here. */
export function readWhole(stream: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => resolve(Buffer.concat(parts)));
  stream.on('error', reject);
  return promise;
}

/** Answers a call in the emulator's place. */
export function send(
  outgoing: ServerResponse,
  { status, headers, body }: RefusalAnswer,
  incoming: IncomingMessage,
): void {
  const content = Buffer.from(body);
  // What the caller still sends is let through into nothing, or it would not look for the answer.
  incoming.resume();
  outgoing.writeHead(status, { ...headers, 'content-length': content.length });
  outgoing.end(incoming.method === 'HEAD' ? undefined : content);
}

/** A call's headers but for those of its connection. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}
