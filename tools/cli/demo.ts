import { resolve } from 'node:path';
import { Command } from 'commander';
import { createApiClient } from './api-client.ts';
import { printResults } from './demo-results.ts';
import { demoTasks } from './demo-scenario.ts';
import { orderFault } from './order-fault.ts';
import { openProgressDisplay } from './progress-display.ts';
import { reportAndExit } from './report-error.ts';
import { type Laptop, projectDir, runLaptop } from './run-laptop.ts';
import { type WatchedRecord, watchTasks } from './watch-tasks.ts';

const command = new Command('npm run demo --')
  .description('Shows tasks that succeed, fail, are tried again and end as dead letters; ends by itself.')
  .option('--data <folder>', 'where data is kept meanwhile', '.celeriac/demo')
  .action(demo);

async function demo(options: { data: string }): Promise<void> {
  console.log('Starting the laptop cloud from the template that cdk deploy ships.');
  await using started = new AsyncDisposableStack();
  const laptop = await runLaptop({
    dataDir: resolve(projectDir, options.data),
    port: 0,
    fresh: true,
    mapbox: null,
    log: () => undefined,
  });
  started.defer(() => laptop.stop());
  console.log(`The API answers at ${laptop.cloud.url}; Mapbox is a stand-in at ${laptop.standInMapbox}.\n`);

  const records = await runTasks(laptop);
  const letters = await laptop.cloud.deadLetters();
  printResults(demoTasks, records, letters);
  const surprises = demoTasks.filter((task, row) => records[row]?.state !== task.mustEnd);
  if (surprises.length > 0) {
    throw new Error(`these did not end as they should: ${surprises.map(({ name }) => name).join(', ')}`);
  }
}

async function runTasks(laptop: Laptop): Promise<readonly WatchedRecord[]> {
  const api = createApiClient(laptop.cloud.url, laptop.token);
  for (const fault of demoTasks.flatMap((task) => task.faults)) await orderFault(laptop, fault);
  const taskIds = await Promise.all(demoTasks.map((task) => task.submit(api)));
  const display = openProgressDisplay(demoTasks.map(({ name }) => name));
  try {
    return await watchTasks(api, {
      taskIds,
      show: display.show,
      whenAllWait: (waiting) => passTheWait(laptop, waiting, display.say),
    });
  } finally {
    display.stop();
  }
}

/** Nobody likes to wait a minute for a backoff: moves the clock to the earliest retry, and says so. */
async function passTheWait(
  laptop: Laptop,
  waiting: readonly WatchedRecord[],
  say: (line: string) => void,
): Promise<void> {
  await laptop.cloud.settled();
  const due = Math.min(...waiting.map((record) => Date.parse(record.next_attempt_at ?? '')));
  const ahead = Math.max(0, due - laptop.cloud.clock.now()) + 1000;
  say(`  … only retries are waiting: moving the laptop's clock ${Math.round(ahead / 1000)} s ahead`);
  await laptop.cloud.advance(ahead);
}

command.parseAsync().catch(reportAndExit);
