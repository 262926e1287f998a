import type { LambdaCalls } from '#shared/aws/lambda-calls.ts';
import { tasksWaitLonger } from '#shared/pipeline/find-waiting.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { WorkerHeartbeats } from '#shared/ports/worker-heartbeats.ts';
import { type Check, CheckFailed } from './check-health.ts';

const minute = 60_000;
/** Ready for this long without a worker: something is wrong, because workers begin within seconds. */
const longestWait = 5 * minute;
/** A worker that runs tells so each minute. */
const longestSilence = 3 * minute;
/** Milliseconds for which an outcome is told again: everybody may ask, and AWS answers 15 control calls a second. */
const keptFor = 5000;

/** A mapping in one of these states receives messages, or is about to. */
const receiving: readonly (string | null)[] = ['Enabled', 'Enabling', 'Creating', 'Updating'];

/** Fails unless the event source mapping of this id receives messages. */
export function checkConsumer(lambda: Pick<LambdaCalls, 'mappingState'>, mappingId: string): Check {
  return async () => {
    if (!receiving.includes(await lambda.mappingState(mappingId)))
      throw new CheckFailed('the consumer of the queue is switched off');
  };
}

/**
 * Fails when tasks wait for longer than five minutes; tells too when no worker was alive lately. Workers that have
 * nothing to do do not exist, so silence alone is no fault.
 */
export function checkWaiting(
  ports: Pick<PipelinePorts, 'store' | 'clock'>,
  heartbeats: WorkerHeartbeats,
  worker: string,
): Check {
  return async () => {
    if (!(await tasksWaitLonger(ports, longestWait))) return;
    const last = await heartbeats.last(worker);
    const silent = last === null || last < ports.clock.now() - longestSilence;
    const why = silent ? ', and no worker was alive in the last 3' : '';
    throw new CheckFailed(`tasks have waited for more than 5 minutes${why}`);
  };
}

/** A check whose outcome, good or bad, is told again for five seconds before it is made anew. */
export function remembered(check: Check, now: () => number): Check {
  let known: { readonly outcome: Promise<unknown>; readonly until: number } | null = null;
  return () => {
    if (known === null || known.until <= now()) known = { outcome: check(), until: now() + keptFor };
    return known.outcome;
  };
}
