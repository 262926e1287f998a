import { createChoices } from '#shared/simulation/choices.ts';
import { startChaosLaptop } from './chaos-laptop.ts';
import { checkEverything, type Findings } from './check-everything.ts';
import type { Death } from './check-recovery.ts';
import { comeToRest } from './come-to-rest.ts';
import { countInMidst } from './kill-workers.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { keepTime } from './pass-time.ts';
import { createPatientClient } from './patient-client.ts';
import { planFaults } from './plan-faults.ts';
import { planTasks } from './plan-tasks.ts';
import { runRound } from './run-round.ts';

/** How much chaos, and where it is told. */
export interface ChaosOptions {
  readonly tasks: number;
  /** Threads of workers that are killed while they run tasks. */
  readonly kills: number;
  /** How often the laptop cloud is restarted on its kept data. */
  readonly restarts: number;
  /** Decides the tasks, the faults and the moments; what meets when is still the machine's. */
  readonly seed: number;
  readonly dataDir: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Gets what functions print. */
  readonly log: (line: string) => void;
}

/** What was done to the pipeline, and what came of it. */
export interface ChaosReport extends Findings {
  readonly faults: ReadonlyMap<string, number>;
  readonly ledger: Ledger;
  readonly kills: readonly Death[];
  readonly restarts: number;
  /** By how much the clock was moved, in milliseconds. */
  readonly movedMs: number;
}

/** Tasks of one round: few enough for the kills of a round to lie less than a lease apart from its end. */
const tasksPerRound = 125;
/** The bound on recovery is promised where no message is lost on top: for so long no faults are injected. */
const lullMinutes = 4;
const faultyMinutes = 3;

/**
 * Runs chaos: rounds of tasks under faults, kills and restarts, with moves of the clock in between while nothing runs;
 * then calm until all is at rest; then the checks. Rejects with the signal's reason when it aborts; everything that was
 * started is stopped then too.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { signal } = options;
  await using started = new AsyncDisposableStack();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  started.defer(() => signal.removeEventListener('abort', abort));
  if (signal.aborted) abort();
  return await Promise.race([run(options, started), aborted]);
}

async function run(options: ChaosOptions, started: AsyncDisposableStack): Promise<ChaosReport> {
  const { seed, dataDir, signal, say, log } = options;
  const choices = createChoices(seed);
  const faults = planFaults(choices.fork('faults'));
  const starting = startChaosLaptop({ dataDir, plan: faults, log });
  started.defer(async () => (await starting).stop());
  const laptop = await starting;
  const time = keepTime(laptop);
  const ledger = openLedger();
  const kills: Death[] = [];
  const ask = createPatientClient(laptop, signal);
  const planned = planTasks(options.tasks, choices.fork('tasks'));
  const rounds = Math.max(2, Math.ceil(planned.length / tasksPerRound));
  // One more, without new tasks: to retry and redrive those of the last.
  for (let round = 0; round <= rounds; round++) {
    const tasks = planned.slice(
      share(planned.length, round, rounds),
      share(planned.length, round + 1, rounds),
    );
    const most = share(options.kills, round + 1, rounds) - countInMidst(kills);
    const restarts =
      round < rounds
        ? share(options.restarts, round + 1, rounds) - share(options.restarts, round, rounds)
        : 0;
    say(
      `round ${round + 1} of ${rounds + 1}: ${tasks.length} tasks, up to ${most} kills, ${restarts} restarts, under faults`,
    );
    faults.active = true;
    const killed = await runRound({ laptop, ask, ledger, choices, signal }, { tasks, kills: most, restarts });
    faults.active = false;
    const calmFrom = (await laptop.up()).clock.now();
    kills.push(...killed.map((kill) => ({ ...kill, calmFrom })));
    say(`  the clock moves ${lullMinutes} minutes without faults, then ${faultyMinutes} with them`);
    await time.passMinutes(lullMinutes);
    faults.active = true;
    await time.passMinutes(faultyMinutes);
  }
  faults.active = false;
  say('no more faults: the clock moves until every task has ended');
  await comeToRest({ laptop, ask, time, ledger });
  const findings = await checkEverything({ laptop, ask, ledger, kills });
  const asked = { faults: faults.counts, ledger, kills, restarts: options.restarts, movedMs: time.passed };
  const violations = [...findings.violations, ...missing({ ...asked, ...findings }, options)];
  return { ...asked, ...findings, violations };
}

/** How many of `whole` are done after so many of the parts. */
function share(whole: number, part: number, parts: number): number {
  return Math.min(whole, Math.ceil((whole * part) / parts));
}

/** Chaos that did not happen proves nothing. */
function missing(
  { faults, kills, recovery }: Pick<ChaosReport, 'faults' | 'kills' | 'recovery'>,
  options: ChaosOptions,
): string[] {
  const never = [...faults].filter(([, count]) => count === 0);
  return [
    ...never.map(([name]) => `the fault "${name}" was never injected: take more tasks`),
    ...(recovery.victims === 0 ? ['no task was running when its worker was killed: take more kills'] : []),
    ...(countInMidst(kills) < options.kills
      ? [`only ${countInMidst(kills)} of ${options.kills} kills found a worker that ran: take more tasks`]
      : []),
  ];
}
