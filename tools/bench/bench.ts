import { Command, InvalidArgumentError } from 'commander';
import { reportAndExit } from '#tools/cli/report-error.ts';
import { benchSubmit } from './bench-submit.ts';
import { benchThroughput } from './bench-throughput.ts';

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('give a whole number from 1 on');
  return number;
}

/** Prints a benchmark's figures, a line each, or as one JSON document. */
function print(figures: Readonly<Record<string, number | string>>, json: boolean): void {
  if (json) console.log(JSON.stringify(figures));
  else
    for (const [name, value] of Object.entries(figures))
      console.log(`${name.replaceAll('_', ' ')}: ${value}`);
}

const submit = new Command('submit')
  .description('How much sooner a location is answered when its enrichment runs in the background.')
  .option('--upstream-ms <number>', 'how long the stand-in Mapbox takes for each answer', wholeNumber, 2500)
  .option('--repeat <number>', 'requests of each kind', wholeNumber, 7)
  .option('--json', 'print one JSON document', false)
  .action(async ({ upstreamMs, repeat, json }: { upstreamMs: number; repeat: number; json: boolean }) => {
    print(await benchSubmit({ upstreamMs, repeat }), json);
  });

const throughput = new Command('throughput')
  .description('Tasks from submit to done: how many a second, and what one costs.')
  .option('--tasks <number>', 'how many', wholeNumber, 500)
  .option('--json', 'print one JSON document', false)
  .action(async ({ tasks, json }: { tasks: number; json: boolean }) => {
    print(await benchThroughput(tasks), json);
  });

new Command('npm run bench --').addCommand(submit).addCommand(throughput).parseAsync().catch(reportAndExit);
