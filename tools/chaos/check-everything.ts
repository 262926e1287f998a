import type { ChaosLaptop } from './chaos-laptop.ts';
import { checkEffects, type EffectReport } from './check-effects.ts';
import { checkLetters, readLetters } from './check-letters.ts';
import { checkOutcome, checkPresence } from './check-outcomes.ts';
import { checkRecovery, type Death, type Recovery } from './check-recovery.ts';
import type { Ledger } from './ledger.ts';
import type { PatientClient } from './patient-client.ts';
import { listTasks, readTasks, type ToldTask } from './read-tasks.ts';

/** What the checks have found. */
export interface Findings {
  /** Every accepted task as the API tells it at the end. */
  readonly tasks: ReadonlyMap<string, ToldTask>;
  /** Messages in the dead-letter queues. */
  readonly letters: number;
  readonly recovery: Recovery;
  readonly effects: EffectReport;
  /** What must not be, in words. */
  readonly violations: readonly string[];
}

/** Checks from the outside what has become of every accepted task; nothing may run meanwhile. */
export async function checkEverything({
  laptop,
  ask,
  ledger,
  kills,
}: {
  readonly laptop: ChaosLaptop;
  readonly ask: PatientClient;
  readonly ledger: Ledger;
  readonly kills: readonly Death[];
}): Promise<Findings> {
  const cloud = await laptop.up();
  // Those that were looked at before are hidden for half a minute.
  await cloud.advance(31_000);
  const listed = await listTasks(ask);
  const tasks = await readTasks(ask, ledger.entries);
  const letters = await readLetters(cloud);
  const recovery = checkRecovery(kills, tasks);
  const effects = await checkEffects(cloud, tasks);
  const outcomes = ledger.entries.flatMap((entry) => {
    const task = tasks.get(entry.taskId);
    return task === undefined ? [] : checkOutcome(entry, task);
  });
  const violations = [
    ...ledger.faults,
    ...checkPresence(ledger.entries, listed, tasks),
    ...outcomes,
    ...checkLetters(tasks, letters),
    ...recovery.faults,
    ...effects.faults,
  ];
  return { tasks, letters: letters.length, recovery, effects, violations };
}
