import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Command, InvalidArgumentError } from 'commander';
import { reportAndExit } from '#tools/cli/report-error.ts';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { tellReport } from './report.ts';
import { runChaos } from './run-chaos.ts';

interface Wanted {
  readonly tasks: number;
  readonly kills: number;
  readonly restarts: number;
  readonly seed?: number;
  readonly data: string;
}

const command = new Command('npm run chaos --')
  .description(
    'Runs tasks on the laptop cloud while its services fail and its workers die, and checks that nothing is lost.',
  )
  .option('--tasks <number>', 'how many are submitted', wholeNumber, 200)
  .option('--kills <number>', 'workers that die while they run tasks', wholeNumber, 5)
  .option('--restarts <number>', 'restarts of the whole cloud on its kept data', wholeNumber, 2)
  .option('--seed <number>', 'repeats the tasks, faults and moments of an earlier run', seedNumber)
  .option('--data <folder>', 'where data, and what functions print, are kept meanwhile', '.celeriac/chaos')
  .action(chaos);

async function chaos({ tasks, kills, restarts, seed: given, data }: Wanted): Promise<void> {
  const seed = given ?? Math.floor(Math.random() * 2 ** 32);
  const begun = performance.now();
  console.log(`chaos with seed ${seed}: ${tasks} tasks, ${kills} kills, ${restarts} restarts`);
  await using started = new AsyncDisposableStack();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}: nothing was proved`)));
  }
  const dataDir = resolve(projectDir, data);
  await mkdir(dataDir, { recursive: true });
  const logFile = join(dataDir, 'functions.log');
  console.log(`what functions print is in ${logFile}`);
  const printed = createWriteStream(logFile);
  started.defer(() => void printed.end());
  const report = await runChaos({
    ...{ tasks, kills, restarts, seed, dataDir },
    signal: interrupted.signal,
    say: (line) =>
      console.log(`${String(Math.round((performance.now() - begun) / 1000)).padStart(4)} s  ${line}`),
    log: (line) => printed.write(`${line}\n`),
  });
  console.log(tellReport(report));
  if (report.violations.length > 0) process.exitCode = 1;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 100_000)
    throw new InvalidArgumentError('give a whole number from 1 to 100000');
  return number;
}

function seedNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** 32)
    throw new InvalidArgumentError('give a whole number from 0 to 4294967295');
  return number;
}

command.parseAsync().catch(reportAndExit);
