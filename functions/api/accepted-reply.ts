import type * as z from 'zod';
import type { RouteReply } from '#functions/runtime/implement-route.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import type { acceptedView } from './task-shapes.ts';
import { retryAfter } from './task-view.ts';

/** What whoever wants a task run is told: where to look at it, and when looking may be worth it. */
export function acceptedReply(
  record: TaskRecord,
  now: number,
): Required<Omit<RouteReply<z.input<typeof acceptedView>>, 'status'>> {
  const { taskId, state } = record;
  const wait = retryAfter(record, now);
  return {
    headers: {
      location: `/api/v1/tasks/${taskId}`,
      ...(wait !== null && { 'retry-after': String(wait) }),
    },
    body: { task_id: taskId, state, status_url: `/api/v1/tasks/${taskId}/status` },
  };
}
