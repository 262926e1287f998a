import { parseMessage } from '../lifecycle/task-message.ts';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import type { MemoryDelivery } from '../memory/memory-task-queue.ts';
import { executeBatch } from '../pipeline/execute-batch.ts';
import type { AttemptEvent } from '../pipeline/worker-setup.ts';
import type { Delivery } from '../ports/task-queue.ts';
import type { TaskImplementation } from '../tasks/implement-task.ts';
import { type AttemptLog, bindTasks } from './implementations.ts';
import type { World } from './world.ts';

const invocationMs = 330_000;
/** Kept free at the end of an invocation, as the worker's runtime does. */
const recordingMargin = 10_000;
/** How long what was left running may go on in a process that is used again. */
const livesOnMs = 400_000;

/** Runs a batch in a worker's process; the ids of the messages to be kept, or null when the process died. */
export async function invokeWorker(
  world: World,
  deliveries: readonly MemoryDelivery[],
): Promise<readonly string[] | null> {
  const { observe, journal, chances } = world;
  const { process, ports } = world.start('worker', invocationMs + livesOnMs);
  const { promise, resolve } = Promise.withResolvers<readonly string[] | null>();
  const stopKill = world.base.clock.after(invocationMs, () =>
    process.crash('its invocation ran out of time'),
  );
  process.onDeath(() => resolve(null));
  const received = await Promise.all(
    deliveries.map((delivery) => world.sabotage?.delivery?.(delivery, world.base) ?? delivery),
  );
  for (const { body } of deliveries) {
    const parsed = parseMessage(body);
    if ('unreadable' in parsed) continue;
    const { taskId, epoch, dead } = parsed.message;
    observe({ kind: 'delivered', process, message: parsed.message });
    journal.note(
      process.id,
      taskId,
      () => `receives ${dead ? 'the dead letter' : 'a hint'} for epoch ${epoch}`,
    );
  }
  const bound = bindTasks(process, world.version, observe);
  const sabotaged = (task: TaskImplementation) => world.sabotage?.implementation?.(task) ?? task;
  const setup = {
    implementations: new Map([...bound].map(([name, task]) => [name, sabotaged(task)])),
    deadline: process.clock.now() + invocationMs - recordingMargin,
    logFor: (record: TaskRecord): AttemptLog => ({ ...silent, record }),
    observe: (event: AttemptEvent, { messageId }: Delivery) =>
      observe({ kind: 'attempt', process, messageId, event }),
  };
  const execute = world.sabotage?.execute ?? executeBatch;
  execute(ports, setup, received).then(
    ({ kept, stillRunning }) => {
      stopKill();
      const failed = deliveries.filter((_, index) => kept[index]).map(({ messageId }) => messageId);
      resolve(failed);
      // The runtime ends a process in which work was left; otherwise it may be used again, timers and all.
      if (stillRunning || !chances.strikes('lives-on', process.choices))
        process.crash('its invocation has ended');
    },
    (error: unknown) => {
      observe({ kind: 'must-not-happen', taskId: null, what: `executeBatch threw: ${String(error)}` });
      process.crash('executeBatch threw');
    },
  );
  return promise;
}

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
