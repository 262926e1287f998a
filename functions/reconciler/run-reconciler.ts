import type { ScheduledRun } from '#functions/runtime/schedule-entry.ts';
import { reconcilerDimensions, reconcilerMetrics } from '#shared/metrics/metric-names.ts';
import { reconcile } from '#shared/pipeline/reconcile.ts';
import { sweepDeadLetters } from '#shared/pipeline/sweep-dead-letters.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import type { Schedule } from '#shared/schedules/schedule.ts';
import { queueNames } from '#shared/tasks/define-task.ts';
import { watchPipeline } from './watch-pipeline.ts';

/** Minutes between two sweeps of the dead-letter queues: each costs a request a queue, and a letter can wait. */
const sweepEvery = 5;

/**
 * One run of the reconciler, logged and counted: it measures how long tasks wait and which schedules were missed, then
 * reconciles; every fifth minute it also removes superseded dead letters. Throws what the store throws when due records
 * cannot be listed, what the ports throw at a sweep, and, at the end, when something could not be measured or some tasks
 * could not be helped: nobody else would notice, so the alarm on its errors must.
 */
export async function runReconciler(
  ports: PipelinePorts,
  schedules: readonly Schedule[],
  run: ScheduledRun,
): Promise<void> {
  // First, because a run that is busy until its deadline is when it matters.
  const blind = await watchPipeline(ports, schedules, run);
  const failed = await reconcileTasks(ports, run);
  if (Math.floor(run.firedAt / 60_000) % sweepEvery === 0) await sweepLetters(ports, run);
  if (failed > 0) throw new Error(`${failed} tasks could not be reconciled: see the log`);
  if (blind) throw new Error('not everything could be measured: see the log');
}

/** Resolves with how many tasks could not be helped. */
async function reconcileTasks(ports: PipelinePorts, run: ScheduledRun): Promise<number> {
  const { log, deadline } = run;
  const { counts, complete } = await reconcile(ports, {
    deadline,
    observe({ taskId, outcome, error }) {
      if (outcome === 'failed') log.error('task could not be reconciled', { task_id: taskId, error });
      else log.info('task reconciled', { task_id: taskId, outcome });
    },
  });
  count(run, 'hintsSent', counts['hint-sent']);
  count(run, 'lettersSent', counts['letter-sent']);
  count(run, 'failed', counts.failed);
  log.info('reconciled', { ...counts, complete });
  if (!complete) log.warn('the run stopped at its deadline; the next one goes on');
  return counts.failed;
}

async function sweepLetters(ports: PipelinePorts, run: ScheduledRun): Promise<void> {
  const { lookedAt, removed, hidden } = await sweepDeadLetters(ports, queueNames, run.deadline);
  count(run, 'lettersSwept', removed);
  run.log.info('dead letters swept', { looked_at: lookedAt, removed });
  if (hidden.length > 0) {
    run.log.warn('dead letters stay hidden for a minute', { count: hidden.length, error: hidden[0] });
  }
}

/** CloudWatch charges a metric for each hour in which it is written: what did not happen is not written. */
function count({ metrics }: ScheduledRun, name: keyof typeof reconcilerMetrics, value: number): void {
  if (value > 0) metrics.add(reconcilerDimensions, reconcilerMetrics[name], 'Count', value);
}
