import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import { Problem, validationProblem } from '#functions/runtime/problem.ts';
import type { TaskRecord } from '#shared/lifecycle/task-record.ts';
import { loadValue } from '#shared/pipeline/payloads.ts';
import type { PayloadStore } from '#shared/ports/payload-store.ts';
import { reportOn } from './check-control-points.ts';
import { applyGeoreferencingRoute } from './routes.ts';
import { applyGeoreferencing } from './specs.ts';
import { submitMaking } from './submit-making.ts';
import type { TreeItemPorts } from './tree-item-ports.ts';

/** See {@link applyGeoreferencingRoute}. While other points are being applied, these are refused (409). */
export function startGeoreferencing(
  ports: Pick<TreeItemPorts, 'items' | 'submit' | 'pipeline'>,
): RouteHandler {
  return implementRoute(applyGeoreferencingRoute, async ({ params, body, ...scene }) => {
    const itemId = params.item_id;
    const input = { tree_item_id: itemId, ...body };
    const { taskId } = await submitMaking(
      ports,
      {
        ...{ itemId, kind: 'georeferenced', spec: applyGeoreferencing, input },
        checkItem(item) {
          const { valid, warnings } = reportOn(item, body.control_points);
          if (!valid) throw validationProblem([{ path: 'control_points', message: warnings.join('; ') }]);
        },
        checkTask: (task) => mustApply(ports.pipeline.payloads, task, input),
      },
      scene,
    );
    return {
      headers: { location: `/api/v1/tasks/${taskId}` },
      body: { task_id: taskId, status: 'STARTED', message: 'Georeferencing started in background' },
    };
  });
}

/** Throws a Problem (409) when the unfinished task applies other points than these. */
async function mustApply(
  payloads: PayloadStore,
  { taskId, input }: TaskRecord,
  asked: object,
): Promise<void> {
  // Parsed by one schema, both have their fields in the same order, and defaults that somebody left out.
  const words = (value: unknown) => JSON.stringify(applyGeoreferencing.input.parse(value));
  if (words(await loadValue(payloads, input)) === words(asked)) return;
  const fix = 'wait for its end, or cancel it first';
  throw new Problem('conflict', `task ${taskId} applies other control points to this item: ${fix}`, {
    headers: { location: `/api/v1/tasks/${taskId}` },
  });
}
