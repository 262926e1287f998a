import { reconcilerDimensions, reconcilerMetrics } from '#functions/runtime/metric-names.ts';
import type { ScheduledRun } from '#functions/runtime/schedule-entry.ts';
import { reconcile } from '#shared/pipeline/reconcile.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';

/**
 * One run of the reconciler, logged and counted. Throws what the store throws when due records cannot be listed, and,
 * at the end, when some could not be helped: nobody else would notice, so the alarm on its errors must.
 */
export async function runReconciler(ports: PipelinePorts, run: ScheduledRun): Promise<void> {
  const { log, metrics, deadline } = run;
  const { counts, complete } = await reconcile(ports, {
    deadline,
    observe({ taskId, outcome, error }) {
      if (outcome === 'failed') log.error('task could not be reconciled', { task_id: taskId, error });
      else log.info('task reconciled', { task_id: taskId, outcome });
    },
  });
  const measured = [
    [reconcilerMetrics.hintsSent, counts['hint-sent']],
    [reconcilerMetrics.lettersSent, counts['letter-sent']],
    [reconcilerMetrics.failed, counts.failed],
  ] as const;
  for (const [name, count] of measured) {
    // CloudWatch charges a metric for each hour in which it is written: an idle pipeline writes none.
    if (count > 0) metrics.add(reconcilerDimensions, name, 'Count', count);
  }
  log.info('reconciled', { ...counts, complete });
  if (!complete) log.warn('the run stopped at its deadline; the next one goes on');
  if (counts.failed > 0) throw new Error(`${counts.failed} tasks could not be reconciled: see the log`);
}
