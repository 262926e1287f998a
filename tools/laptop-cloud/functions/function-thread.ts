/**
 * The body of a function's thread: what Lambda's Node runtime does in its sandbox. Loads the bundle, runs one
 * event after another, answers with JSON. Started by `start-function-thread.ts` only.
 * Source: github.com/aws/aws-lambda-nodejs-runtime-interface-client for the names and the order of faults.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { installShiftedDate } from '../clock/shift-date.ts';
import { invocationContext } from './invocation-context.ts';
import type { InvokeMessage, ThreadData, ThreadMessage } from './thread-messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const data = workerData as ThreadData;
const parent = parentPort;
if (parent === null) throw new Error('function-thread.ts runs in a worker thread only');

const tell = (message: ThreadMessage) => parent.postMessage(message);

installShiftedDate(data.clock);
exitOnUncaughtFaults();
const handler = load(data);
parent.on('message', (message: InvokeMessage) => void answer(message));
tell({ kind: 'ready' });

async function answer(message: InvokeMessage): Promise<void> {
  const context = invocationContext(data, message.requestId, message.timeoutSeconds);
  try {
    const payload = await handler(JSON.parse(message.event), context);
    tell({ kind: 'returned', payload: JSON.stringify(payload) ?? 'null' });
  } catch (error) {
    tell({ kind: 'threw', ...describe(error) });
  }
}

function load({ codeDir, handler: path }: ThreadData): Handler {
  const slash = path.lastIndexOf('/') + 1;
  const [file = '', ...exports] = path.slice(slash).split('.');
  let found: unknown;
  try {
    found = createRequire(join(codeDir, 'index.js'))(join(codeDir, path.slice(0, slash), `${file}.js`));
  } catch (error) {
    throw asInitFault(error);
  }
  for (const name of exports) found = (found as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== 'function') {
    throw named('Runtime.HandlerNotFound', `${path} is undefined or not exported`);
  }
  if (found.length >= 3) {
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      `${path} takes a callback, which Node 24 on Lambda refuses`,
    );
  }
  return found as Handler;
}

/** As Lambda's runtime does: report the fault against the invocation in progress, then end the sandbox. */
function exitOnUncaughtFaults(): void {
  process.on('uncaughtException', (error) => {
    console.error('Uncaught Exception', error);
    tell({ kind: 'fatal', ...describe(error) });
    process.exit(129);
  });
  process.on('unhandledRejection', (reason) => {
    console.error('Unhandled Promise Rejection', reason);
    const { errorMessage } = describe(reason);
    tell({ kind: 'fatal', errorType: 'Runtime.UnhandledPromiseRejection', errorMessage });
    process.exit(128);
  });
}

function asInitFault(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'MODULE_NOT_FOUND') return named('Runtime.ImportModuleError', describe(error).errorMessage);
  if (error instanceof SyntaxError) return named('Runtime.UserCodeSyntaxError', error.message);
  return error;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function describe(error: unknown): { errorType: string; errorMessage: string } {
  if (error instanceof Error) return { errorType: error.name, errorMessage: error.message };
  return { errorType: typeof error, errorMessage: String(error) };
}
