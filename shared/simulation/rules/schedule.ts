import { isRunning, type TaskRecord } from '../../lifecycle/task-record.ts';
import { timings } from '../../lifecycle/timings.ts';
import type { SimProcess } from '../process.ts';
import { clockTolerance, type Rule } from '../rule.ts';

const minute = 60_000;
/** Old pauses and full workers are behind a task that is due this much after things calmed down. */
const calmFor = 10 * minute;
/** How late a due task may then start: the other messages of its batch may take long, a dead worker's comes after all. */
const latest = 6 * minute;
/** Tasks that wait for nothing but their time, and a worker. */
const limited: readonly string[] = ['sim_rate', 'sim_host', 'sim_guarded'];

/** A task never starts before its time and soon after it; one that expired never ran, and none starts once it has. */
export const schedule: Rule = {
  name: 'schedule',
  watch({ plan, now, report }) {
    const tolerance = clockTolerance(plan);
    const wishes = new Map<string, Pick<TaskRecord, 'eta' | 'startBy'>>();
    const started = new Set<string>();
    let calmFrom = Number.POSITIVE_INFINITY;

    function seeStart(after: TaskRecord): void {
      const { taskId, task } = after;
      started.add(taskId);
      const { eta = null, startBy = null } = wishes.get(taskId) ?? {};
      if (startBy !== null && isRunning(after) && after.startedAt >= startBy) {
        report(taskId, `began ${after.startedAt - startBy} ms after it had expired`);
      }
      if (eta === null) return;
      const early = eta - now() - timings.earlyTolerance - tolerance;
      if (early > 0) report(taskId, `began ${early} ms before its time`);
      if (eta > calmFrom + calmFor && !limited.includes(task) && now() > eta + latest) {
        report(taskId, `began ${now() - eta} ms after its time`);
      }
    }

    function seeExpiry(process: SimProcess, { taskId }: TaskRecord): void {
      const { startBy = null } = wishes.get(taskId) ?? {};
      if (started.has(taskId)) report(taskId, 'expired, though it had begun');
      const early = (startBy ?? Number.POSITIVE_INFINITY) - process.clock.now() - tolerance;
      if (early > 0) report(taskId, `expired ${early} ms before its time`);
      // The reconciler comes each minute; its own call may be slow.
      const late = now() - Math.max(startBy ?? 0, calmFrom) - 2 * minute;
      if (late > 0 && process.kind === 'reconciler') report(taskId, `expired ${late} ms too late`);
    }

    return {
      see(observation) {
        if (observation.kind === 'calmed-down') calmFrom = now();
        if (observation.kind === 'created') {
          const { taskId, eta, startBy } = observation.record;
          wishes.set(taskId, { eta, startBy });
        }
        if (observation.kind !== 'saved' || observation.after.epoch > 1) return;
        const { process, before, after } = observation;
        if (before.claim === 0 && after.claim === 1) seeStart(after);
        const isExpiry = after.state === 'FAILURE' && after.error.type === 'Expired';
        if (isExpiry && before.state !== 'FAILURE') seeExpiry(process, after);
      },
    };
  },
};
