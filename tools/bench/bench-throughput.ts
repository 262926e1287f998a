import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { type ApiClient, createApiClient } from '#tools/cli/api-client.ts';
import type { Laptop } from '#tools/cli/run-laptop.ts';
import { onFreshLaptop } from './bench-laptop.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { tenths } from './statistics.ts';

const accepted = z.object({ task_id: z.string() });
const ended = z.object({ state: z.string() });
const warmUp = 20;
const countedTasks = 50;
const clients = 16;

/** Figures of {@link benchThroughput}. Processor time is that of this process: API, workers, queues, not the tables. */
export type ThroughputFigures = {
  tasks: number;
  seconds: number;
  tasks_per_second: number;
  cpu_ms_per_task: number;
  dynamodb_calls_per_task: number;
  sqs_calls_per_task: number;
};

/** Submits tasks as fast as the API takes them and waits until all are done; calls are counted in a run of their own. */
export async function benchThroughput(tasks: number): Promise<ThroughputFigures> {
  const timed = await onFreshLaptop({}, (laptop) => time(laptop, tasks));
  const calls = await countCalls();
  return { tasks, ...timed, ...calls };
}

async function time(laptop: Laptop, tasks: number) {
  const api = createApiClient(laptop.cloud.url, laptop.token);
  await runTasks(laptop, api, warmUp);
  const begun = performance.now();
  const cpu = process.cpuUsage();
  await runTasks(laptop, api, tasks);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: tenths(seconds),
    tasks_per_second: tenths(tasks / seconds),
    cpu_ms_per_task: tenths((user + system) / 1000 / tasks),
  };
}

async function countCalls() {
  const proxy = startCountingProxy();
  try {
    return await onFreshLaptop({ emulatorAddress: (url) => proxy.before(url) }, async (laptop) => {
      const api = createApiClient(laptop.cloud.url, laptop.token);
      await runTasks(laptop, api, warmUp);
      const before = proxy.calls.length;
      await runTasks(laptop, api, countedTasks);
      const calls = proxy.calls
        .slice(before)
        .filter(({ reply, operation }) => operation !== 'ReceiveMessage' || 'Messages' in reply);
      const perTask = (operations: readonly string[]) =>
        tenths(calls.filter(({ operation }) => operations.includes(operation)).length / countedTasks);
      return {
        dynamodb_calls_per_task: perTask(['GetItem', 'PutItem', 'UpdateItem']),
        sqs_calls_per_task: perTask(['SendMessage', 'ReceiveMessage', 'DeleteMessageBatch']),
      };
    });
  } finally {
    await proxy.stop();
  }
}

/** Submits from several clients at once; resolves when every task has ended well. */
async function runTasks(laptop: Laptop, api: ApiClient, count: number): Promise<void> {
  const taskIds: string[] = [];
  const submitOne = async () => {
    const body = { task: 'test_celery', input: { message: 'bench' } };
    taskIds.push((await api('POST', '/api/v1/tasks', accepted, body)).task_id);
  };
  let left = count;
  const client = async () => {
    while (left-- > 0) await submitOne();
  };
  await Promise.all(Array.from({ length: clients }, client));
  await laptop.cloud.settled();
  for (const taskId of taskIds.slice(-clients)) {
    const { state } = await api('GET', `/api/v1/tasks/${taskId}`, ended);
    if (state !== 'SUCCESS') throw new Error(`task ${taskId} ended ${state}`);
  }
}
