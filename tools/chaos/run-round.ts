import { setTimeout as pause } from 'node:timers/promises';
import type { Choices } from '#shared/simulation/choices.ts';
import type { ChaosLaptop } from './chaos-laptop.ts';
import { type Kill, killWorkers } from './kill-workers.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { cancelTask, reopenTasks } from './operate-tasks.ts';
import type { PatientClient } from './patient-client.ts';
import type { PlannedTask } from './plan-tasks.ts';
import { submitTasks } from './submit-tasks.ts';

/** Whom a round works upon. */
export interface RoundScene {
  readonly laptop: ChaosLaptop;
  readonly ask: PatientClient;
  readonly ledger: Ledger;
  readonly choices: Choices;
  readonly signal: AbortSignal;
}

const cancelWithinMs = 1500;

/**
 * One round: submits tasks, cancels some of them a moment later, retries and redrives earlier ones, kills workers, and
 * restarts the cloud in the midst of it. Resolves when all has come to rest, but for what waits for the clock.
 */
export async function runRound(
  { laptop, ask, ledger, choices, signal }: RoundScene,
  work: { readonly tasks: readonly PlannedTask[]; readonly kills: number; readonly restarts: number },
): Promise<Kill[]> {
  const over = new AbortController();
  const halfWay = Promise.withResolvers<void>();
  const cancels: Promise<void>[] = [];
  let accepted = 0;
  const onAccepted = async (entry: LedgerEntry) => {
    if (++accepted * 2 >= work.tasks.length) halfWay.resolve();
    if (!entry.planned.wish?.startsWith('cancel')) return;
    const soon = pause(choices.between(0, cancelWithinMs), undefined, { signal });
    const cancel = soon.then(() => cancelTask(ask, ledger, entry));
    // Its failure is told below; but the round may end before.
    cancel.catch(() => undefined);
    cancels.push(cancel);
  };
  const restart = async () => {
    for (let n = 0; n < work.restarts; n++) {
      await halfWay.promise;
      signal.throwIfAborted();
      await laptop.restart();
    }
  };
  const killing = killWorkers(
    { laptop, ask, choices: choices.fork(`kills ${ledger.entries.length}`) },
    (taskId) => ledger.entries.find((entry) => entry.taskId === taskId)?.planned.tenant,
    work.kills,
    AbortSignal.any([over.signal, signal]),
  );
  const working = async () => {
    await Promise.all([
      submitTasks(ask, ledger, work.tasks, onAccepted).finally(halfWay.resolve),
      reopenTasks(ask, ledger),
      restart(),
    ]);
    await Promise.all(cancels);
    await (await laptop.up()).settled();
  };
  const [kills] = await Promise.all([killing, working().finally(() => over.abort())]);
  return kills;
}
