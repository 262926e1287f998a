import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLaptop, stopListening } from '#tools/laptop-cloud/listen-on-laptop.ts';
import { readAwsCall } from './aws-call.ts';
import type { FaultPlan } from './plan-faults.ts';

/** A proxy between functions and emulators that does to their calls what a plan says. */
export interface FaultProxy {
  /** Opens a port before an emulator; resolves with its URL. */
  before(emulator: string): Promise<string>;
  /** Closes every port. */
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Starts a proxy on 127.0.0.1 for DynamoDB, SQS and S3; a fault is counted once it was really done. */
export function startFaultProxy(plan: Pick<FaultPlan, 'choose' | 'count'>): FaultProxy {
  const ports = new AsyncDisposableStack();
  const agent = ports.adopt(new Agent({ keepAlive: true }), async (kept) => kept.destroy());

  async function forward(emulator: string, incoming: IncomingMessage, body: Buffer): Promise<Reply> {
    const { 'transfer-encoding': _chunked, ...headers } = incoming.headers;
    const outgoing = request(emulator + incoming.url, {
      agent,
      method: incoming.method ?? 'GET',
      headers: { ...headers, 'content-length': body.length },
    });
    outgoing.end(body);
    const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: reply.statusCode ?? 502, headers: reply.headers, body: await buffer(reply) };
  }

  async function pass(emulator: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const call = readAwsCall(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers, body);
    const fault = plan.choose(call);
    if (fault?.how.kind === 'answer') {
      const answer = fault.how.answer(call);
      plan.count(fault);
      outgoing
        .writeHead(answer.status, answer.headers)
        .end(call.operation.startsWith('HEAD') ? '' : answer.body);
      return;
    }
    if (fault?.how.kind === 'drop') {
      plan.count(fault);
      outgoing.destroy();
      return;
    }
    if (fault?.how.kind === 'hold') {
      plan.count(fault);
      await fault.how.until;
    }
    const reply = await forward(emulator, incoming, body);
    // A write that was refused has not been applied: its answer is no lost reply.
    if (fault?.how.kind === 'lose-reply' && reply.status < 300) {
      plan.count(fault);
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(reply.status, reply.headers).end(reply.body);
  }

  return {
    async before(emulator) {
      const port = createServer((incoming, outgoing) => {
        pass(emulator, incoming, outgoing).catch((error: unknown) =>
          outgoing.destroy(error instanceof Error ? error : undefined),
        );
      });
      const url = await listenOnLaptop(port, 0);
      ports.defer(() => stopListening(port));
      return url;
    },
    stop: () => ports.disposeAsync(),
  };
}
