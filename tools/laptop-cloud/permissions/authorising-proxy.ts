import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLaptop, stopListening } from '../listen-on-laptop.ts';
import { accessKeyOf } from './access-key.ts';
import { judgeJsonCall, judgeS3Call } from './judge-call.ts';
import type { Permissions } from './permissions.ts';
import { type RefusalAnswer, refusalAnswer } from './refusal-answers.ts';
import { createRelay, type FailedCall, readWhole, send } from './relay-calls.ts';
import { relayRemoval } from './relay-removal.ts';
import { bucketArn, removesSeveral, s3Target } from './s3-permissions.ts';

/** A proxy in front of an emulator that lets pass what its callers' roles allow. */
export interface AuthorisingProxy {
  /** `http://127.0.0.1:PORT`, the endpoint for functions. */
  readonly url: string;
  /** Stops listening and cuts every connection, to the emulator too. */
  stop(): Promise<void>;
}

/** Above what the emulators' own clients keep open, so that it is not the proxy that closes under a request. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Starts a proxy for DynamoDB, SQS or S3 on 127.0.0.1. A call that the caller's role does not allow is answered as the
 * service answers it, and never reaches the emulator. Objects pass through as they come, however large; the bodies of
 * the JSON protocols are read whole, for they say what is asked.
 * @param options.emulator its URL, without a slash at the end
 * @param options.onFailure gets the calls that the emulator answered with an error. @default nobody does
 */
export async function startAuthorisingProxy(options: {
  emulator: string;
  permissions: Permissions;
  onFailure?: (failure: FailedCall) => void;
  log: (line: string) => void;
}): Promise<AuthorisingProxy> {
  const { permissions, onFailure = () => undefined } = options;
  const relay = createRelay(options.emulator, onFailure);

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, goOn: () => void) => {
    const target = incoming.url ?? '/';
    const accessKey = accessKeyOf(target, incoming.headers);
    const amzTarget = String(incoming.headers['x-amz-target'] ?? '');
    if (amzTarget !== '') {
      goOn();
      const body = await readWhole(incoming);
      const refused = judgeJsonCall(permissions, accessKey, { amzTarget, body });
      return refused ? send(outgoing, refused, incoming) : relay.pass(incoming, outgoing, { body });
    }
    const call = { method: incoming.method ?? 'GET', target, headers: incoming.headers };
    if (removesSeveral(call)) {
      goOn();
      return relayRemoval(relay, permissions, { incoming, outgoing, accessKey });
    }
    const refused = judgeS3Call(permissions, accessKey, call);
    if (refused !== null) return send(outgoing, refused, incoming);
    goOn();
    relay.pass(incoming, outgoing, {
      replace: (status) =>
        status === 404 && reads(call) ? hideAbsence(permissions, accessKey, target) : null,
    });
  };

  const serve =
    (goOn: (outgoing: ServerResponse) => void) => (incoming: IncomingMessage, outgoing: ServerResponse) => {
      answer(incoming, outgoing, () => goOn(outgoing)).catch((error: unknown) => {
        options.log(`permissions: ${incoming.method} ${incoming.url} cannot be judged: ${String(error)}`);
        outgoing.destroy(error instanceof Error ? error : undefined);
      });
    };
  const server = createServer(serve(() => undefined));
  // Asked for before a large body is sent: an upload that is denied is not even begun.
  server.on(
    'checkContinue',
    serve((outgoing) => outgoing.writeContinue()),
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const url = await listenOnLaptop(server, 0);
  return {
    url,
    stop: async () => {
      await stopListening(server);
      relay.stop();
    },
  };
}

function reads({ method }: { method: string }): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * S3 tells who may not list a bucket nothing about what is not there.
 * Source: "GetObject" in the Amazon S3 API reference, "Permissions".
 */
function hideAbsence(permissions: Permissions, accessKey: string, target: string): RefusalAnswer | null {
  const { bucket, key } = s3Target(target);
  if (key === '') return null;
  const refusal = permissions.refuse(accessKey, [{ action: 's3:ListBucket', resource: bucketArn(bucket) }]);
  return refusal === null ? null : refusalAnswer(refusal, 's3');
}
