import { performance } from 'node:perf_hooks';
import { Command, InvalidArgumentError } from 'commander';
import { explainSeed } from '#shared/simulation/explain-seed.ts';
import { everySabotage } from '#shared/simulation/sabotage/every-sabotage.ts';
import { reportAndExit } from '#tools/cli/report-error.ts';
import { runOnThreads } from './run-on-threads.ts';

const highestSeed = 2 ** 32 - 1;

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`give a whole number from ${least} to ${most}`);
  };
}

function sabotageName(text: string): string {
  if (text === 'list' || everySabotage.some(({ name }) => name === text)) return text;
  throw new InvalidArgumentError('it is none of those that "--sabotage list" prints');
}

interface Options {
  readonly seeds: number;
  readonly seed: number;
  readonly sabotage?: string;
}

async function simulate({ seeds, seed, sabotage: wanted }: Options): Promise<void> {
  if (wanted === 'list') {
    for (const { name } of everySabotage) console.log(name);
    return;
  }
  const sabotage = everySabotage.find(({ name }) => name === wanted) ?? null;
  const begun = performance.now();
  const failed = await runOnThreads(seed, seeds, sabotage?.name ?? null);
  if (failed === null) {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`seeds ${seed} to ${seed + seeds - 1}: no rule was broken (${seconds} s)`);
    return;
  }
  const lines = await explainSeed(failed, sabotage);
  const again = [
    'npm run simulate --',
    '--seeds 1',
    `--seed ${failed}`,
    ...(sabotage ? [`--sabotage ${sabotage.name}`] : []),
  ];
  console.log([...lines, `to see it again: ${again.join(' ')}`].join('\n'));
  process.exitCode = 1;
}

new Command('npm run simulate --')
  .description(
    'Runs the pipeline in simulated worlds in which everything goes wrong, and checks what must hold.',
  )
  .option('--seeds <number>', 'how many worlds', wholeNumber(1, 10_000_000), 1000)
  .option(
    '--seed <number>',
    'the first one; each number is a world of its own',
    wholeNumber(0, highestSeed),
    1,
  )
  .option('--sabotage <name>', 'break the pipeline on purpose; "list" prints the names', sabotageName)
  .action(simulate)
  .parseAsync()
  .catch(reportAndExit);
