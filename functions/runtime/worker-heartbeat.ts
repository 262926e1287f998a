import type { Clock } from '#shared/ports/clock.ts';
import type { WorkerHeartbeats } from '#shared/ports/worker-heartbeats.ts';
import type { Log } from './logging.ts';

/** Milliseconds between two heartbeats of one instance of a worker. */
const every = 60_000;

/** Begins to tell that the worker is alive; the returned function ends that, once what was begun is written. */
export type StartHeartbeat = (log: Log) => () => Promise<void>;

/**
 * Tells that a worker is alive while it handles an invocation: at its beginning and each minute, at most once a minute
 * for an instance. Beside the tasks, never before them; what cannot be written is logged, and no task fails over it.
 */
export function createHeartbeat(options: {
  readonly worker: string;
  readonly heartbeats: WorkerHeartbeats;
  readonly clock: Clock;
}): StartHeartbeat {
  const { worker, heartbeats, clock } = options;
  let latest = Number.NEGATIVE_INFINITY;

  async function write(log: Log): Promise<void> {
    try {
      await heartbeats.beat(worker, latest);
    } catch (error) {
      log.warn('heartbeat not written', { worker, error });
    }
  }

  return (log) => {
    const writing: Promise<void>[] = [];
    let cancel: () => void;
    function beat(): void {
      if (clock.now() - latest >= every) {
        latest = clock.now();
        writing.push(write(log));
      }
      cancel = clock.after(latest + every - clock.now(), beat);
    }
    beat();
    return async () => {
      cancel();
      await Promise.all(writing);
    };
  };
}
