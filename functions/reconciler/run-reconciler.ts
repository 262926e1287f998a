import { reconcilerDimensions, reconcilerMetrics } from '#functions/runtime/metric-names.ts';
import type { ScheduledRun } from '#functions/runtime/schedule-entry.ts';
import { reconcile } from '#shared/pipeline/reconcile.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';

/** One run of the reconciler, logged and counted. Throws what the store throws when due records cannot be listed. */
export async function runReconciler(ports: PipelinePorts, run: ScheduledRun): Promise<void> {
  const { log, metrics, deadline } = run;
  const { counts, complete } = await reconcile(ports, {
    deadline,
    observe({ taskId, outcome, error }) {
      if (outcome === 'failed') log.error('task could not be reconciled', { task_id: taskId, error });
      else log.info('task reconciled', { task_id: taskId, outcome });
    },
  });
  metrics.add(reconcilerDimensions, reconcilerMetrics.hintsSent, 'Count', counts['hint-sent']);
  metrics.add(reconcilerDimensions, reconcilerMetrics.lettersSent, 'Count', counts['letter-sent']);
  metrics.add(reconcilerDimensions, reconcilerMetrics.failed, 'Count', counts.failed);
  log.info('reconciled', { ...counts, complete });
  if (!complete) log.warn('the run stopped at its deadline; the next one goes on');
}
