import { createHash } from 'node:crypto';
import { v7 } from 'uuid';
import { type Accepted, submit } from '../pipeline/submit.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { isDue } from './occurrences.ts';
import type { Schedule } from './schedule.ts';
import { scheduledPriority } from './scheduled-queues.ts';

/** Whose tasks are those that schedules submit. */
export const systemTenant = 'system';

/**
 * Submits the schedule's task if it is due in `slot`, a whole minute in milliseconds since the epoch; null when it is
 * not. `correlationId` becomes the task's. A slot that was fired before submits nothing again, which is told as `duplicate`. Throws what `submit` throws.
 */
export async function fireSchedule(
  ports: PipelinePorts,
  schedule: Schedule,
  slot: number,
  correlationId: string | null = null,
): Promise<Accepted | null> {
  if (!isDue(schedule, slot)) return null;
  return submit(ports, {
    spec: schedule.task,
    input: schedule.input,
    tenant: systemTenant,
    priority: scheduledPriority,
    correlationId,
    taskId: slotTaskId(schedule.name, slot),
  });
}

/**
 * The id of the task that a schedule submits in a slot: a UUIDv7 of the slot's time whose other bits come from the name,
 * so always the same, and sorted by time as other ids are.
 */
export function slotTaskId(name: string, slot: number): string {
  return v7({ msecs: slot, random: createHash('sha256').update(`schedule:${name}`).digest() });
}
