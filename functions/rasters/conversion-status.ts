import type * as z from 'zod';
import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { isEnded, isRunning, type TaskRecord } from '#shared/lifecycle/task-record.ts';
import { findTask } from '#shared/pipeline/read-task.ts';
import { findUnfinished } from './find-unfinished.ts';
import { findTreeItem } from './read-tree-item.ts';
import { conversionStatusRoute } from './routes.ts';
import { convertToGeoRaster } from './specs.ts';
import { geoRasterOf, type TreeItem } from './tree-item.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';
import { type conversionView, viewTreeItem } from './tree-item-views.ts';

/** See {@link conversionStatusRoute}. */
export function conversionStatus({
  items,
  pipeline,
}: Pick<TreeItemPorts, 'items' | 'pipeline'>): RouteHandler {
  return implementRoute(conversionStatusRoute, async ({ params, caller }) => {
    const read = () => findTreeItem(items, caller.tenant, params.item_id);
    const item = await read();
    if (item.rasters.converted !== null) return { body: viewConversion(item, null) };
    const task = await findConversion(pipeline, item);
    // It has succeeded after the item was read.
    const now = task?.state === 'SUCCESS' ? await read() : item;
    return { body: viewConversion(now, task) };
  });
}

/** The item's last conversion; null when there is none, or its record has expired. */
async function findConversion(
  pipeline: TreeItemPorts['pipeline'],
  item: TreeItem,
): Promise<TaskRecord | null> {
  const { tenant, makings } = item;
  const named = makings.converted && (await findTask(pipeline, { tenant, taskId: makings.converted.taskId }));
  if (named !== null && !isEnded(named)) return named;
  return (await findUnfinished(pipeline, convertToGeoRaster, item)) ?? named;
}

/** The wire shape of an item's conversion, whose task's record is read unless the item has its raster. */
export function viewConversion(item: TreeItem, task: TaskRecord | null): z.input<typeof conversionView> {
  const { object_type } = viewTreeItem(item);
  const known = { item_id: item.id, object_type };
  const task_id = task?.taskId ?? item.makings.converted?.taskId ?? null;
  const shown = item.rasters.converted ?? (task === null || isEnded(task) ? geoRasterOf(item) : null);
  if (shown !== null) {
    return { ...known, status: 'COMPLETED', task_id, progress: 100, message: 'Conversion complete' };
  }
  if (task === null) {
    return { ...known, status: 'NOT_CONVERTED', task_id: null, progress: null, message: null };
  }
  return { ...known, task_id, progress: progressOf(task), ...stateOf(task) };
}

function progressOf(task: TaskRecord): number | null {
  if (task.state === 'SUCCESS') return 100;
  return task.progress ?? (isRunning(task) ? 0 : null);
}

function stateOf(task: TaskRecord): Pick<z.input<typeof conversionView>, 'status' | 'message'> {
  switch (task.state) {
    case 'SCHEDULED':
      return { status: 'PENDING', message: `Waits until ${new Date(task.dueAt).toISOString()}` };
    case 'PENDING':
      return { status: 'PENDING', message: 'Waits for a worker' };
    case 'RETRY': {
      const { attempts, maxAttempts, nextAttemptAt, error } = task;
      const next = new Date(nextAttemptAt).toISOString();
      const failed = `Attempt ${attempts} of ${maxAttempts} failed: ${error.message}`;
      return { status: 'PENDING', message: `${failed}; the next is due at ${next}` };
    }
    case 'STARTED':
    case 'PROGRESS':
      return {
        status: 'PROGRESS',
        message: task.cancelRequest ? 'Is being cancelled' : (task.status ?? 'Starting conversion'),
      };
    case 'FAILURE':
      return { status: 'FAILED', message: task.error.message };
    case 'CANCELLED':
      return { status: 'CANCELLED', message: 'Conversion was cancelled' };
    case 'SUCCESS':
      return { status: 'COMPLETED', message: task.status };
  }
}
