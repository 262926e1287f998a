import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import { type Accepted, submit } from '../pipeline/submit.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { isDue } from './occurrences.ts';
import type { Schedule } from './schedule.ts';

/** Whose tasks are those that schedules submit. */
export const systemTenant = 'system';

/**
 * Submits the schedule's task if it is due in `slot`, a whole minute in milliseconds since the epoch; null when it is
 * not. A slot that was fired before submits nothing again, which is told as `duplicate`. Throws what `submit` throws.
 */
export async function fireSchedule(
  ports: PipelinePorts,
  schedule: Schedule,
  slot: number,
): Promise<Accepted | null> {
  if (!isDue(schedule, slot)) return null;
  return submit(ports, {
    spec: schedule.task,
    input: schedule.input,
    tenant: systemTenant,
    taskId: slotTaskId(schedule.name, slot),
  });
}

/** A UUIDv7 of the slot's time whose other bits come from the name: always the same, sorted by time as other ids are. */
function slotTaskId(name: string, slot: number): string {
  return v7({ msecs: slot, random: createHash('sha256').update(`schedule:${name}`).digest() });
}
