import { queueOf } from '../lifecycle/new-record.ts';
import type { Priority, QueueName } from '../tasks/define-task.ts';
import type { Schedule } from './schedule.ts';

/** The priority of the tasks that schedules submit. */
export const scheduledPriority: Priority = 'normal';

/** The queues that tasks of these schedules travel through, each once. */
export function scheduledQueues(schedules: readonly Schedule[]): readonly QueueName[] {
  return [...new Set(schedules.map(({ task }) => queueOf(task, scheduledPriority)))];
}
