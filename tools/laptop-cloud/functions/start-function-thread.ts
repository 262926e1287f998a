import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { LAPTOP_REGION } from '../assembly/laptop-account.ts';
import type { LaptopClock } from '../clock/laptop-clock.ts';
import type { FunctionSpec, InvocationResult } from './function-pool.ts';
import type { InvokeMessage, ThreadData, ThreadMessage } from './thread-messages.ts';

/** One execution environment of a function. */
export interface FunctionThread {
  /** Runs the handler once; one invocation at a time. */
  invoke(event: string): Promise<InvocationResult>;
  isAlive(): boolean;
  /** Ends the thread at once, as a crash would; an invocation in progress gets `Runtime.ExitError`. */
  end(): Promise<void>;
  /** Resolves when the thread is gone and its last line was logged. */
  readonly ended: Promise<void>;
}

/** Lambda gives the load of a function 10 seconds; after that it counts against the invocation's own time. */
const INIT_SECONDS = 10;

/**
 * Starts a thread that loads a function's bundle.
 * @param log gets each line the function prints
 */
export function startFunctionThread(
  spec: FunctionSpec,
  clock: LaptopClock,
  log: (line: string) => void,
): FunctionThread {
  const data: ThreadData = {
    clock: clock.buffer,
    functionName: spec.name,
    codeDir: spec.codeDir,
    handler: spec.handler,
    memoryMb: spec.memoryMb,
  };
  const worker = new Worker(new URL('./function-thread.ts', import.meta.url), {
    name: spec.name,
    workerData: data,
    env: environmentOf(spec),
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb },
  });

  let alive = true;
  let fault: InvocationResult | undefined;
  let settle: ((result: InvocationResult) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let begin: (() => void) | undefined;
  let ready = false;

  const finish = (result: InvocationResult) => {
    clearTimeout(timer);
    settle?.(result);
    settle = undefined;
  };

  const endAfter = (seconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      fault = failed('Sandbox.Timedout', `Task timed out after ${spec.timeoutSeconds.toFixed(2)} seconds`);
      void worker.terminate();
    }, seconds * 1000);
  };

  worker.on('message', (message: ThreadMessage) => {
    switch (message.kind) {
      case 'ready':
        ready = true;
        begin?.();
        break;
      case 'returned':
        finish({ ok: true, payload: JSON.parse(message.payload) });
        break;
      case 'threw':
        finish(failed(message.errorType, message.errorMessage));
        break;
      case 'fatal':
        fault = failed(message.errorType, message.errorMessage);
    }
  });
  worker.on('error', (error) => {
    fault ??= failed('Runtime.ExitError', `Runtime exited with error: ${String(error)}`);
  });

  const printed = Promise.all([worker.stdout, worker.stderr].map((stream) => readLines(stream, log)));
  const ended = new Promise<number>((resolve) => worker.once('exit', resolve)).then(async (code) => {
    alive = false;
    await printed;
    finish(fault ?? failed('Runtime.ExitError', exitReason(code)));
  });

  return {
    isAlive: () => alive,
    ended,
    end: async () => {
      fault ??= failed('Runtime.ExitError', 'Runtime exited with error: signal: killed');
      await worker.terminate();
      await ended;
    },
    invoke: (event) =>
      new Promise((resolve) => {
        settle = resolve;
        const message: InvokeMessage = {
          requestId: randomUUID(),
          event,
          timeoutSeconds: spec.timeoutSeconds,
        };
        begin = () => {
          endAfter(spec.timeoutSeconds);
          worker.postMessage(message);
        };
        if (ready) begin();
        else endAfter(INIT_SECONDS + spec.timeoutSeconds);
      }),
  };
}

/**
 * The whole environment of a function: the template's variables and what Lambda itself sets; nothing of this
 * process. The access key names the function, so that a server it calls knows its caller.
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
function environmentOf(spec: FunctionSpec): Record<string, string> {
  return {
    ...spec.environment,
    AWS_REGION: LAPTOP_REGION,
    AWS_DEFAULT_REGION: LAPTOP_REGION,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    LAMBDA_TASK_ROOT: spec.codeDir,
    TZ: ':UTC',
    AWS_ACCESS_KEY_ID: spec.name,
    AWS_SECRET_ACCESS_KEY: 'laptop',
    // Without these the SDK would read the developer's own ~/.aws, profiles and endpoints included.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

async function readLines(stream: Readable, log: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) log(line);
}

function exitReason(code: number): string {
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code}`;
}

function failed(errorType: string, errorMessage: string): InvocationResult {
  return { ok: false, errorType, errorMessage };
}
