import type * as z from 'zod';
import { taskPageView, taskView } from '#functions/api/task-shapes.ts';
import type { PatientClient } from './patient-client.ts';
import { tenants } from './plan-tasks.ts';

/** A task as the API tells it. */
export type ToldTask = z.output<typeof taskView>;
/** A task as listings tell it. */
export type ListedTask = z.output<typeof taskPageView>['items'][number];

const readersAtOnce = 8;

/** Every task of every tenant, from the listings. Throws when a listing is refused. */
export async function listTasks(ask: PatientClient): Promise<ListedTask[]> {
  const lists = await Promise.all(tenants.map((tenant) => listTenant(ask, tenant)));
  return lists.flat();
}

async function listTenant(ask: PatientClient, tenant: string): Promise<ListedTask[]> {
  const items: ListedTask[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await ask({ method: 'GET', path: `/api/v1/tasks?limit=100${query}`, tenant });
    if (status !== 200) throw new Error(`listing tasks was answered ${status}: ${JSON.stringify(body)}`);
    const page = taskPageView.parse(body);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

/** Each of these tasks in full, by id; one that the API does not know is missing. */
export async function readTasks(
  ask: PatientClient,
  wanted: readonly { readonly taskId: string; readonly planned: { readonly tenant: string } }[],
): Promise<Map<string, ToldTask>> {
  const tasks = new Map<string, ToldTask>();
  const left = [...wanted];
  const reader = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { taskId, planned } = next;
      const { status, body } = await ask({
        ...{ method: 'GET', path: `/api/v1/tasks/${taskId}`, tenant: planned.tenant },
      });
      if (status === 200) tasks.set(taskId, taskView.parse(body));
    }
  };
  await Promise.all(Array.from({ length: readersAtOnce }, reader));
  return tasks;
}
