import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import type { ThreadProgress } from './thread-entry.ts';
import { type ThreadBirth, type ThreadSpec, threadMessage } from './thread-messages.ts';

/** The thread ended without an answer: it left by itself, or what it sent cannot be read. */
export class ThreadFailed extends Error {
  override name = 'ThreadFailed';
}

/** The thread needed more memory than it was given. */
export class ThreadOutOfMemory extends Error {
  override name = 'ThreadOutOfMemory';
}

/** Work for a thread of its own, and what binds it to the task that asks for it. */
export interface ThreadRun<Input, Output> {
  /** The path of a file that calls `runAsThread`: in a function its bundle, which the composition root knows. */
  readonly file: string;
  readonly spec: ThreadSpec<Input, Output>;
  readonly input: NoInfer<Input>;
  /** `ctx.signal`: once it aborts, the thread is terminated whatever it does, and its reason is thrown. */
  readonly signal: AbortSignal;
  /** @default nobody is told */
  readonly progress?: ThreadProgress;
  /** Megabytes of JavaScript objects; buffers and WebAssembly are not counted. @default Node's own limit */
  readonly memoryMb?: number;
}

/**
 * Runs CPU work in a worker_thread, so that heartbeats, time limits and the tasks beside it go on meanwhile. The thread is
 * gone when this returns or throws; it has no environment variables.
 *
 * Throws the signal's reason; what the thread threw, with its name, message and stack (a PermanentError stays one);
 * ThreadOutOfMemory; ThreadFailed; and what `progress` throws.
 */
export async function runInThread<Input, Output>(run: ThreadRun<Input, Output>): Promise<Output> {
  const { file, spec, input, signal, progress, memoryMb } = run;
  signal.throwIfAborted();
  const name = basename(file);
  const birth: ThreadBirth = { kind: 'celeriac-thread', input };
  const worker = new Worker(file, {
    name,
    workerData: birth,
    env: {},
    execArgv: [],
    ...(memoryMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
  });
  const gone = new Promise<number>((resolve) => worker.once('exit', resolve));
  const ended = Promise.withResolvers<unknown>();
  worker.on('message', (message: unknown) => {
    try {
      const answer = read(message, name, progress);
      if (answer) ended.resolve(answer.value);
    } catch (error) {
      ended.reject(error);
    }
  });
  worker.on('messageerror', (cause) => {
    ended.reject(new ThreadFailed(`${name} sent what cannot be read`, { cause }));
  });
  worker.on('error', (error) => ended.reject(explain(error, name, memoryMb)));
  void gone.then((code) => {
    ended.reject(new ThreadFailed(`${name} ended with exit code ${code} and without an answer`));
  });
  const stop = () => ended.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return spec.output.parse(await ended.promise);
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
    await gone;
  }
}

/** What the thread returned, if that is what it told; throws what it threw. */
function read(
  message: unknown,
  name: string,
  progress: ThreadProgress | undefined,
): { value: unknown } | null {
  const told = threadMessage.safeParse(message);
  if (!told.success) {
    throw new ThreadFailed(`${name} sent what is no message: ${z.prettifyError(told.error)}`);
  }
  switch (told.data.kind) {
    case 'progress':
      progress?.(told.data.percent, told.data.status);
      return null;
    case 'returned':
      return { value: told.data.value };
    case 'threw': {
      const { message: words, stack, permanent } = told.data;
      const error = permanent ? new PermanentError(words) : new Error(words);
      throw Object.assign(error, { name: told.data.name, ...(stack !== null && { stack }) });
    }
  }
}

function explain(error: unknown, name: string, memoryMb: number | undefined): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')) return error;
  const limit = memoryMb === undefined ? 'there is' : `its limit of ${memoryMb} MB`;
  return new ThreadOutOfMemory(`${name} needed more memory than ${limit}`, { cause: error });
}
