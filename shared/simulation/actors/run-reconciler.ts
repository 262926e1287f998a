import { reconcile } from '../../pipeline/reconcile.ts';
import { ask } from '../ask-api.ts';
import type { World } from '../world.ts';

const minute = 60_000;
const invocationMs = 29_000;

/** The rule of the reconciler: fires every minute from now on, sometimes not, sometimes twice. */
export function startReconcilerRule(world: World): void {
  if (world.sabotage?.withoutReconciler) return;
  const choices = world.choices.fork('reconciler');
  function fire(): void {
    world.base.clock.after(minute, fire);
    const missed = world.chances.strikes('reconciler-missed', choices);
    const doubled = world.chances.strikes('reconciler-doubled', choices);
    if (missed) return;
    void run(world);
    if (doubled) world.base.clock.after(choices.between(0, 100), () => void run(world));
  }
  world.base.clock.after(choices.between(0, minute), fire);
}

async function run(world: World): Promise<void> {
  world.journal.count('actor: reconciler');
  await ask(world, 'reconciler', (ports) =>
    reconcile(ports, { deadline: ports.clock.now() + invocationMs - 5000 }),
  );
}
