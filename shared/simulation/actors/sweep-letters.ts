import { sweepDeadLetters } from '../../pipeline/sweep-dead-letters.ts';
import { queueNames } from '../../tasks/define-task.ts';
import { ask } from '../ask-api.ts';
import type { World } from '../world.ts';

/** A sweep of the dead-letter queues, which removes letters that no longer count. */
export async function sweepLetters(world: World): Promise<void> {
  const reply = await ask(world, 'reconciler', (ports) =>
    sweepDeadLetters(ports, queueNames, ports.clock.now() + 20_000),
  );
  if (reply.kind !== 'answered') return;
  const { removed, lookedAt } = reply.value;
  world.journal.note(null, null, () => `${removed} of ${lookedAt} dead letters were superseded and removed`);
}
