import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { readBody } from '../gateway/read-body.ts';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';

/** A call of an AWS API as it came over HTTP. */
export interface ControlCall {
  method: string;
  /** Path with query, as sent. */
  target: string;
  /** `AmazonSSM.GetParameter` and the like; empty for REST services. */
  amzTarget: string;
  headers: IncomingHttpHeaders;
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
  /** Answers further calls from now on; operations are asked in the order in which they came. */
  add(...operations: readonly ControlOperation[]): void;
  stop(): Promise<void>;
}

/** What Lambda takes for an invocation; every other call is far smaller. */
const LARGEST_BODY = 6 * 1024 * 1024;

/**
 * Serves the few AWS control calls that the product makes, on 127.0.0.1. A call that no operation knows is
 * answered UnknownOperationException, naming the call. Signatures are not looked at, and permissions by the first of the
 * operations, if at all.
 * @param options.operations asked in order
 * @param options.port 0, the default, for a free one
 */
export async function startControlApi(options: {
  operations: readonly ControlOperation[];
  port?: number;
  log: (line: string) => void;
}): Promise<ControlApi> {
  const operations = [...options.operations];
  const answer = async (incoming: IncomingMessage): Promise<ControlAnswer> => {
    const body = await readBody(incoming, LARGEST_BODY);
    if (body === null)
      return controlError(413, 'RequestEntityTooLarge', `The body is over ${LARGEST_BODY} bytes`);
    const call: ControlCall = {
      method: incoming.method ?? 'GET',
      target: incoming.url ?? '/',
      amzTarget: String(incoming.headers['x-amz-target'] ?? ''),
      headers: incoming.headers,
      body: body.toString('utf8'),
    };
    for (const operation of operations) {
      const answered = await operation(call);
      if (answered !== null) return answered;
    }
    return unknownCall(call, options.log);
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
  return {
    url,
    add: (...more) => {
      operations.push(...more);
    },
    stop: () => stopListening(server),
  };
}

/** The answer to a call that nobody has taught the laptop cloud, which names it; said in the log too. */
export function unknownCall(call: ControlCall, log: (line: string) => void): ControlAnswer {
  const name = nameOf(call);
  log(`control: ${name} is not among the calls that the laptop cloud answers`);
  const error = {
    status: 400,
    type: 'UnknownOperationException',
    message: `The laptop cloud does not answer ${name}`,
  };
  return isQuery(call) ? queryError(error) : controlError(error.status, error.type, error.message);
}

/** What a call is called in the log: `AmazonSSM.GetParameter`, `Action=Publish`, or method and path. */
function nameOf(call: ControlCall): string {
  if (call.amzTarget) return call.amzTarget;
  if (isQuery(call)) return `Action=${new URLSearchParams(call.body).get('Action')}`;
  return `${call.method} ${new URL(call.target, 'http://127.0.0.1').pathname}`;
}

/** The protocol of the older services (SNS, STS, IAM): a form, answered in XML. */
function isQuery({ headers }: ControlCall): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

/** An error in the AWS query protocol. */
function queryError({
  status,
  type,
  message,
}: {
  status: number;
  type: string;
  message: string;
}): ControlAnswer {
  const text = message.replace(/[<&]/g, (char) => (char === '<' ? '&lt;' : '&amp;'));
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${type}</Code><Message>${text}</Message></Error></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
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
