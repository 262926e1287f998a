import * as z from 'zod';
import type { ScheduledRun } from '#functions/runtime/schedule-entry.ts';
import type { PipelinePorts } from '#shared/ports/pipeline-ports.ts';
import { fireSchedule } from '#shared/schedules/fire-schedule.ts';
import type { Schedule } from '#shared/schedules/schedule.ts';

/** What a schedule's rule adds to its event. */
const beatEvent = z.object({ schedule: z.string() });

const minute = 60_000;

/**
 * Submits the task of the schedule that a rule has fired for, if it is due in the event's minute. A rule that fires
 * twice, and a run that is repeated after a fault, submit the task once. Throws for a schedule that is not declared, and
 * what the store throws.
 */
export async function runBeat(
  ports: PipelinePorts,
  schedules: readonly Schedule[],
  { firedAt, correlationId, event, log }: ScheduledRun,
): Promise<void> {
  const { schedule: name } = beatEvent.parse(event);
  const schedule = schedules.find((each) => each.name === name);
  if (!schedule) {
    const known = schedules.map((each) => each.name).join(', ');
    throw new Error(`a rule has fired for the schedule ${name}; declared are: ${known}`);
  }
  const slot = firedAt - (firedAt % minute);
  const fields = { schedule: name, slot: new Date(slot).toISOString() };
  const accepted = await fireSchedule(ports, schedule, slot, correlationId);
  if (accepted === null) {
    log.info('schedule not due', fields);
    return;
  }
  const { record, duplicate, sendError } = accepted;
  const task = { ...fields, task: record.task, task_id: record.taskId };
  log.info(duplicate ? 'schedule fired before' : 'schedule submitted its task', task);
  if (sendError !== null) {
    log.warn('task accepted, its message will be sent later', { ...task, error: sendError });
  }
}
