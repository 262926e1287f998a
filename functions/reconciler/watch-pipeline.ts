import type { ScheduledRun } from '#functions/runtime/schedule-entry.ts';
import { stageMetrics } from '#shared/metrics/metric-names.ts';
import { longestWait } from '#shared/pipeline/find-waiting.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { findMissed } from '#shared/schedules/find-missed.ts';
import type { Schedule } from '#shared/schedules/schedule.ts';

const minute = 60_000;
/** Waits up to this, in milliseconds, are nothing to tell: a busy pipeline then has no records read. */
const noWait = minute;

/**
 * Measures what only the records can tell: how long tasks have waited, and which schedules were missed. Resolves with
 * whether something could not be measured, which is logged; a fault here must not keep tasks waiting.
 */
export async function watchPipeline(
  ports: PipelinePorts,
  schedules: readonly Schedule[],
  run: ScheduledRun,
): Promise<boolean> {
  const measured = await Promise.allSettled([measureWait(ports, run), countMissed(ports, schedules, run)]);
  const faults = measured.filter((each) => each.status === 'rejected');
  for (const { reason } of faults) run.log.error('not measured', { error: reason });
  return faults.length > 0;
}

/** Written each minute, 0 too: an alarm that is on must learn that the wait is over. */
async function measureWait(ports: PipelinePorts, { metrics }: ScheduledRun): Promise<void> {
  const seconds = Math.round((await longestWait(ports, noWait)) / 1000);
  metrics.add({}, stageMetrics.oldestUnfinished, 'Seconds', seconds);
}

async function countMissed(
  ports: PipelinePorts,
  schedules: readonly Schedule[],
  { firedAt, log, metrics }: ScheduledRun,
): Promise<void> {
  const missed = await findMissed(ports, schedules, firedAt - (firedAt % minute));
  for (const { schedule, slot } of missed) {
    log.warn('schedule missed', { schedule, slot: new Date(slot).toISOString() });
  }
  if (missed.length > 0) metrics.add({}, stageMetrics.missedSchedules, 'Count', missed.length);
}
