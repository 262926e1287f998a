import { createServer, type IncomingMessage } from 'node:http';
import { readBody } from '../gateway/read-body.ts';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';

/** A call of an AWS API as it came over HTTP. */
export interface ControlCall {
  method: string;
  /** Path with query, as sent. */
  target: string;
  /** `AmazonSSM.GetParameter` and the like; empty for REST services. */
  amzTarget: string;
  body: string;
}

/** The answer to a call. */
export interface ControlAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Answers the calls it knows, and says null to all others. */
export type ControlOperation = (call: ControlCall) => Promise<ControlAnswer | null> | ControlAnswer | null;

/** A control API that listens. */
export interface ControlApi {
  /** `http://127.0.0.1:PORT`, the endpoint for SDK clients. */
  readonly url: string;
  stop(): Promise<void>;
}

const LARGEST_BODY = 1024 * 1024;

/**
 * Serves the few AWS control calls that the product makes, on 127.0.0.1. A call that no operation knows is
 * answered UnknownOperationException, naming the call. Neither signatures nor permissions are looked at.
 * @param options.operations asked in order
 * @param options.port 0, the default, for a free one
 */
export async function startControlApi(options: {
  operations: readonly ControlOperation[];
  port?: number;
  log: (line: string) => void;
}): Promise<ControlApi> {
  const answer = async (incoming: IncomingMessage): Promise<ControlAnswer> => {
    const body = await readBody(incoming, LARGEST_BODY);
    if (body === null)
      return controlError(413, 'RequestEntityTooLarge', `The body is over ${LARGEST_BODY} bytes`);
    const call: ControlCall = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      amzTarget: String(incoming.headers['x-amz-target'] ?? ''),
      body: body.toString('utf8'),
    };
    for (const operation of options.operations) {
      const answered = await operation(call);
      if (answered !== null) return answered;
    }
    const name = call.amzTarget || `${call.method} ${call.target}`;
    options.log(`control: ${name} is not among the calls that the laptop cloud answers`);
    return controlError(400, 'UnknownOperationException', `The laptop cloud does not answer ${name}`);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming)
      .catch((error: unknown) => {
        options.log(`control: ${incoming.method} ${incoming.url}: ${String(error)}`);
        return controlError(500, 'InternalServerError', String(error));
      })
      .then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body))
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  const url = await listenOnLaptop(server, options.port ?? 0);
  return { url, stop: () => stopListening(server) };
}

/** A successful answer in the AWS JSON 1.1 protocol. */
export function controlResult(value: unknown): ControlAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(value),
  };
}

/** An error in the AWS JSON 1.1 protocol, which SDK clients turn into an exception of that name. */
export function controlError(status: number, type: string, message: string): ControlAnswer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type },
    body: JSON.stringify({ __type: type, message }),
  };
}
