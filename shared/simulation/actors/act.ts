import type { PlannedAction, PlannedSubmission } from '../planned-action.ts';
import type { World } from '../world.ts';
import type { KnownTasks } from './known-tasks.ts';
import { cancel, nudge, redriveTasks, retry } from './manage-tasks.ts';
import { fireRule, submitTask } from './submit-tasks.ts';
import { sweepLetters } from './sweep-letters.ts';

/** Sets every action of the plan to its time. */
export function scheduleActions(world: World): void {
  const known: KnownTasks = new Map();
  for (const action of world.plan.actions) {
    world.base.clock.after(action.at, () => {
      world.journal.count(`actor: ${action.kind}`);
      void act(world, known, action);
    });
  }
}

async function act(world: World, known: KnownTasks, action: PlannedAction): Promise<void> {
  switch (action.kind) {
    case 'submit':
      return submitTask(world, known, action);
    case 'schedule':
      return fireRule(world, action.slotMinute, action.n);
    case 'deploy':
      world.version = action.version;
      world.journal.note(null, null, () => `deployed: ${action.version}`);
      return;
    case 'console-redrive': {
      const moved = world.base.queue.redriveDeadLetters(action.queue);
      if (moved > 0) world.tellMessage(action.queue, 0);
      world.journal.note(null, null, () => `console: ${moved} dead letters moved back to ${action.queue}`);
      return;
    }
    case 'stray-message':
      world.base.queue.sendRaw(action.queue, action.body);
      world.tellMessage(action.queue, 0);
      return;
    case 'sweep-letters':
      return sweepLetters(world);
    default: {
      const taskId = known.get(action.n);
      if (taskId === undefined) return;
      if (action.kind === 'nudge') return nudge(world, taskId);
      if (action.kind === 'cancel') return cancel(world, taskId);
      if (action.kind === 'redrive') return redriveTasks(world, action.whole ? null : taskId);
      return retry(world, taskId, action.kind === 'edited-retry' ? editedInput(world, action.n) : null);
    }
  }
}

function editedInput(world: World, n: number): PlannedSubmission | null {
  const submission = world.plan.actions.find((action) => action.kind === 'submit' && action.n === n);
  if (submission?.kind !== 'submit') return null;
  const { input } = submission;
  return { ...submission, input: { ...input, ...('failAfter' in input && { failAfter: null, stallMs: 0 }) } };
}
