import { implementRoute, type RequestScene, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import { stillRunning } from '#functions/runtime/submit-task.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { loadValue } from '#shared/pipeline/payloads.ts';
import type { RasterProbe } from './conversion/raster-jobs.ts';
import { findTreeItem, mustBeUploaded } from './read-tree-item.ts';
import { probeRoute } from './routes.ts';
import { probeRasterFile } from './specs.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

type ProbePorts = Pick<TreeItemPorts, 'items' | 'probe' | 'pipeline'>;

/** See {@link probeRoute}. What was found once is kept in the item, so that only the first request waits. */
export function probeTreeItem(ports: ProbePorts): RouteHandler {
  return implementRoute(probeRoute, async ({ params, ...scene }) => {
    const item = await findTreeItem(ports.items, scene.caller.tenant, params.item_id);
    mustBeUploaded(item);
    return { body: item.probe ?? (await probe(ports, item.id, scene)) };
  });
}

async function probe(ports: ProbePorts, itemId: string, scene: RequestScene): Promise<RasterProbe> {
  const { tenant } = scene.caller;
  const input = { tree_item_id: itemId };
  const { record } = await ports.probe({ spec: probeRasterFile, input, tenant }, scene);
  return readFindings(ports, record);
}

/** Failures that the file or the item is to blame for; all others are ours. */
const callersFailures = ['RasterRefused', 'OriginalLost', 'TreeItemNotFound'];

async function readFindings({ pipeline }: ProbePorts, record: TaskRecord): Promise<RasterProbe> {
  switch (record.state) {
    case 'SUCCESS':
      return probeRasterFile.output.parse(await loadValue(pipeline.payloads, record.result));
    case 'FAILURE':
      throw failed(record);
    case 'CANCELLED':
      throw new Problem('conflict', `task ${record.taskId}, which probes the file, was cancelled: ask again`);
    default:
      throw stillRunning(record.taskId);
  }
}

function failed({ taskId, error: { type, message } }: Extract<TaskRecord, { state: 'FAILURE' }>): Problem {
  if (callersFailures.includes(type)) return validationProblem([{ path: 'item_id', message }]);
  const url = `/api/v1/tasks/${taskId}`;
  const detail = `task ${taskId}, which probes the file, has failed for a reason of ours: ask again, or see ${url}`;
  return new Problem('internal', detail, { headers: { location: url } });
}
