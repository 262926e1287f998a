import type { ChaosLaptop } from './chaos-laptop.ts';
import { checkLetters, readLetters } from './check-letters.ts';
import type { Ledger } from './ledger.ts';
import type { Timekeeper } from './pass-time.ts';
import type { PatientClient } from './patient-client.ts';
import { listTasks, readTasks } from './read-tasks.ts';

/** Longer than a message that was lost stays hidden, and than the reconciler's pauses have grown under faults. */
const mostMinutes = 120;

/** Lets minutes pass until every task has ended and no dead letter is missing, or two hours are over. */
export async function comeToRest({
  laptop,
  ask,
  time,
  ledger,
}: {
  readonly laptop: ChaosLaptop;
  readonly ask: PatientClient;
  readonly time: Timekeeper;
  readonly ledger: Ledger;
}): Promise<void> {
  for (let minutes = 0; minutes < mostMinutes; minutes++) {
    await time.passMinutes(1);
    const unfinished = (await listTasks(ask)).filter(({ finished_at }) => finished_at === null);
    if (unfinished.length > 0) continue;
    const tasks = await readTasks(ask, ledger.entries);
    if (checkLetters(tasks, await readLetters(await laptop.up())).length === 0) return;
  }
}
