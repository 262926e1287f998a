import type { Log } from './logging.ts';

/** Ends the runtime with an exit status: `process.exit`, which in a thread of the laptop cloud ends that thread only. */
export type Exit = (status: number) => void;

/**
 * Ends this runtime for work that goes on after its attempt was cut off: Lambda would thaw it with the next invocation,
 * where it would take processor and memory from tasks that have nothing to do with it. For when everything is recorded.
 *
 * The invocation fails by it (`Runtime.ExitError`, counted as an error of the function) and its messages come back, since
 * Lambda gives no moment between an answer and the freeze. They find their tasks ended or not due, and are deleted.
 */
export function leaveRuntime(log: Log, exit: Exit): void {
  log.error('runtime ended: a task goes on after its attempt was cut off; it should heed ctx.signal');
  exit(1);
}
