import { resolve } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod';
import { type ApiClient, createApiClient } from './api-client.ts';
import { printResults } from './demo-results.ts';
import { type DemoTask, demoTasks } from './demo-scenario.ts';
import { orderFault } from './order-fault.ts';
import { openProgressDisplay } from './progress-display.ts';
import { reportAndExit } from './report-error.ts';
import { type Laptop, projectDir, runLaptop } from './run-laptop.ts';
import { type WatchedRecord, watchTasks } from './watch-tasks.ts';

const command = new Command('npm run demo --')
  .description(
    'Shows tasks that succeed, are tried again, are cancelled, end as dead letters and are redriven; ends by itself.',
  )
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

  const api = createApiClient(laptop.cloud.url, laptop.token);
  for (const fault of demoTasks.flatMap((task) => task.faults)) await orderFault(laptop, fault);
  const taskIds = await Promise.all(demoTasks.map((task) => task.submit(api)));
  const records = await watch(laptop, api, demoTasks, taskIds);
  printResults(demoTasks, records, await laptop.cloud.deadLetters());
  requireEnds(demoTasks, records);
  await redriveFailed(laptop, api, records);
}

async function watch(
  laptop: Laptop,
  api: ApiClient,
  tasks: readonly DemoTask[],
  taskIds: readonly string[],
): Promise<readonly WatchedRecord[]> {
  const display = openProgressDisplay(tasks.map(({ name }) => name));
  const cancelled = new Set<string>();
  try {
    return await watchTasks(api, {
      taskIds,
      show: display.show,
      async act(records) {
        const running = records.filter(
          ({ task_id: id, progress }, row) => tasks[row]?.cancel && progress && !cancelled.has(id),
        );
        for (const { task_id: id } of running) {
          cancelled.add(id);
          const { message } = await api('POST', `/api/v1/tasks/${id}/cancel`, cancelReply);
          display.say(`  … cancelling the long one: ${message}`);
        }
      },
      whenAllWait: (waiting) => passTheWait(laptop, waiting, display.say),
    });
  } finally {
    display.stop();
  }
}

const cancelReply = z.object({ message: z.string() });
const redriveReply = z.object({ redriven: z.int() });

/** The upstream is well again: what ended as a dead letter runs again, on the same record. */
async function redriveFailed(
  laptop: Laptop,
  api: ApiClient,
  records: readonly WatchedRecord[],
): Promise<void> {
  const failed = demoTasks.flatMap((task, row) => {
    const record = records[row];
    return record?.state === 'FAILURE' ? [{ task: { ...task, mustEnd: 'SUCCESS' as const }, record }] : [];
  });
  const tasks = failed.map(({ task }) => task);
  const filter = { error_type: failed[0]?.record.error?.type };
  const { redriven } = await api('POST', '/api/v1/dead-letters/redrive', redriveReply, { filter });
  console.log(`\nThe upstream answers again. Redriven: ${redriven}.`);
  const ends = await watch(
    laptop,
    api,
    tasks,
    failed.map(({ record }) => record.task_id),
  );
  // The reconciler looks for letters that a redrive has made void every five minutes.
  await laptop.cloud.advance(5 * 60_000);
  await laptop.cloud.settled();
  printResults(tasks, ends, await laptop.cloud.deadLetters());
  requireEnds(tasks, ends);
}

function requireEnds(tasks: readonly DemoTask[], records: readonly WatchedRecord[]): void {
  const surprises = tasks.filter((task, row) => records[row]?.state !== task.mustEnd);
  if (surprises.length === 0) return;
  throw new Error(`these did not end as they should: ${surprises.map(({ name }) => name).join(', ')}`);
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
