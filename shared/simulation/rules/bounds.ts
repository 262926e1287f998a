import { isEnded, isRunning, type TaskRecord } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import { latestLook } from '../../lifecycle/wake.ts';
import { clockTolerance, type Rule } from '../rule.ts';
import { simulatedTasks } from '../tasks.ts';

const minute = 60_000;

/** Nothing waits for ever: the reconciler will look in time at whatever is unfinished, and all ends within its bound. */
export const bounds: Rule = {
  name: 'bounds',
  watch({ plan, now, report }) {
    const tolerance = clockTolerance(plan);
    const sends = new Map<string, number>();
    let calmFrom: number | null = null;
    const late = (record: TaskRecord, latest: number, why: string) => {
      const by = (record.wakeAt ?? Number.POSITIVE_INFINITY) - latest;
      if (by > 0)
        report(record.taskId, `${why}: nobody looks until ${by} ms after the latest time (${record.state})`);
    };
    return {
      see(observation) {
        if (observation.kind === 'calmed-down') calmFrom = now();
        if (observation.kind === 'saved') {
          const { process, after } = observation;
          const latest = latestLook(after, process.clock.now());
          if (!isEnded(after) && latest !== null) late(after, latest + tolerance, 'saved');
          if (
            isEnded(after) &&
            calmFrom !== null &&
            now() > Math.max(calmFrom, after.eta ?? 0) + boundOf(after)
          ) {
            const by = now() - Math.max(calmFrom, after.eta ?? 0) - boundOf(after);
            report(after.taskId, `ended ${by} ms after its bound`);
          }
        }
        if (observation.kind === 'wake-moved') {
          const { process, after } = observation;
          const phase = phaseOf(after);
          const count = (sends.get(phase) ?? 0) + 1;
          sends.set(phase, count);
          const pause = Math.min(timings.resendCap, timings.resendFirst * 2 ** (count - 1));
          const from = process.clock.now();
          // A message that was sent ahead arrives when the task is due.
          const arrives = Math.max(from, dueOf(after) ?? 0);
          late(
            after,
            Math.max(arrives + pause, latestLook(after, from) ?? 0) + tolerance,
            'its look was moved',
          );
        }
      },
    };
  },
};

function dueOf(record: TaskRecord): number | null {
  if (record.state === 'SCHEDULED') return record.dueAt;
  return record.state === 'RETRY' ? record.nextAttemptAt : null;
}

/** Pauses between sends double within a phase: what the task waits for, or the attempt that runs. */
function phaseOf(record: TaskRecord): string {
  const { taskId, epoch, claim, state } = record;
  const turn = 'snoozes' in record ? record.snoozes : 0;
  return `${taskId}/${epoch}/${claim}/${isRunning(record) ? 'running' : state}/${turn}`;
}

/** How long after things calmed down a task may take: old pauses and queues first, then each attempt with its wait. */
function boundOf(record: TaskRecord): number {
  const spec = simulatedTasks.find(({ name }) => name === record.task);
  const hard = (spec?.timeLimit.total ?? spec?.timeLimit.hard ?? 0) * 1000;
  const wait = 20 * minute;
  return 60 * minute + record.maxAttempts * (hard + wait + 5 * minute);
}
