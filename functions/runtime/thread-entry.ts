import { parentPort, workerData } from 'node:worker_threads';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { type ThreadMessage, type ThreadSpec, threadBirth } from './thread-messages.ts';

/** How a thread tells how far it is: 0–100 and in which words. */
export type ThreadProgress = (percent: number, status: string) => void;

/** A thread's work; it may well keep its processor busy for minutes, since nothing else runs in its thread. */
export type ThreadWork<Input, Output> = (input: Input, progress: ThreadProgress) => Output | Promise<Output>;

/**
 * Makes a file a thread's: `runInThread` starts it, this runs the work once and sends back what it returns or throws.
 * Throws at once in a file that was loaded in any other way.
 */
export function runAsThread<Input, Output>(
  spec: ThreadSpec<Input, Output>,
  work: ThreadWork<Input, Output>,
): void {
  const birth = threadBirth.safeParse(workerData);
  const parent = parentPort;
  if (!birth.success || parent === null) throw new Error('this file is a thread: start it with runInThread');
  const send = (message: ThreadMessage) => parent.postMessage(message);
  const { input } = birth.data;
  const progress: ThreadProgress = (percent, status) => send({ kind: 'progress', percent, status });
  void answer(async () => work(spec.input.parse(input), progress), send);
}

async function answer(work: () => Promise<unknown>, send: (message: ThreadMessage) => void): Promise<void> {
  try {
    send({ kind: 'returned', value: await work() });
  } catch (error) {
    send(thrown(error));
  }
}

function thrown(error: unknown): ThreadMessage {
  if (!(error instanceof Error)) {
    return { kind: 'threw', name: 'Error', message: String(error), stack: null, permanent: false };
  }
  const { name, message, stack = null } = error;
  return { kind: 'threw', name, message, stack, permanent: error instanceof PermanentError };
}
