import { cancelTask } from '../../pipeline/cancel-task.ts';
import { redrive } from '../../pipeline/redrive.ts';
import { retryTask } from '../../pipeline/retry-task.ts';
import { ask } from '../ask-api.ts';
import { type PlannedSubmission, tenant } from '../planned-action.ts';
import { simulatedTasks } from '../tasks.ts';
import type { World } from '../world.ts';

const by = 'operator';

/** Somebody cancels a task; what was answered is what must hold. */
export async function cancel(world: World, taskId: string): Promise<void> {
  const reply = await ask(world, 'api', (ports) => cancelTask(ports, { tenant, taskId, by }));
  world.journal.note(
    'client',
    taskId,
    () => `asked for its cancel: ${reply.kind === 'answered' ? reply.value.kind : reply.kind}`,
  );
  if (reply.kind === 'answered' && reply.value.kind === 'requested') {
    world.observe({ kind: 'cancel-accepted', taskId, epoch: reply.value.record.epoch });
  }
}

/** Somebody runs a task again, with edited arguments if `edited` is given. */
export async function retry(world: World, taskId: string, edited: PlannedSubmission | null): Promise<void> {
  const spec = simulatedTasks.find(({ name }) => name === edited?.task);
  const request = { tenant, taskId, by, ...(edited && spec && { edited: { spec, input: edited.input } }) };
  const reply = await ask(world, 'api', (ports) => retryTask(ports, request));
  world.journal.note(
    'client',
    taskId,
    () => `asked for another run: ${reply.kind === 'answered' ? reply.value.kind : reply.kind}`,
  );
}

/** Somebody redrives one task, or everything that lies in the dead-letter queues. */
export async function redriveTasks(world: World, taskId: string | null): Promise<void> {
  const select = taskId === null ? { filter: {} } : { taskIds: [taskId] };
  const reply = await ask(world, 'api', (ports) =>
    redrive(ports, {
      ...{ tenant, by, select, dryRun: false, deadline: ports.clock.now() + 20_000 },
      onFault: () => undefined,
    }),
  );
  if (reply.kind !== 'answered') return;
  for (const { taskId: about, outcome } of reply.value.items) {
    world.journal.note('client', about, () => `asked for its redrive: ${outcome}`);
  }
}

/** A hint of a task that was sent before shows up once more, or late. */
export async function nudge(world: World, taskId: string): Promise<void> {
  const record = world.watched.latest.get(taskId);
  if (record === undefined) return;
  const { queue, epoch } = record;
  await world.base.queue.send(queue, { v: 1, taskId, epoch }, { delaySeconds: 0, group: tenant });
  world.tellMessage(queue, 0);
}
