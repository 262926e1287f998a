import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { runInThread } from '../runtime/run-in-thread.ts';
import { countPrimes } from './specs.ts';

/** See {@link countPrimes}; `threadFile` is where count-primes-thread lies. */
export function countPrimesInThread(threadFile: string): TaskImplementation {
  return implement(countPrimes, async (input, { signal, progress }) =>
    runInThread({ file: threadFile, spec: countPrimes, input, signal, progress, memoryMb: 64 }),
  );
}
