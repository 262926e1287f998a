import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fixed } from '#shared/lifecycle/backoff.ts';
import { createMemoryHeartbeats } from '#shared/memory/memory-heartbeats.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { submit } from '#shared/pipeline/submit.ts';
import { defineTask } from '#shared/tasks/define-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { lambdaContext } from './fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from './fixtures/recording-log.ts';
import { sqsEvent } from './fixtures/sqs-event.ts';
import { createWorkerHandler } from './worker-entry.ts';
import { createHeartbeat } from './worker-heartbeat.ts';

/** A task that goes on until it is let go, or until its signal aborts when it heeds that. */
const goOn = defineTask({
  name: 'go_on',
  description: 'Goes on.',
  input: z.strictObject({ heeds: z.boolean() }),
  output: z.object({}),
  retry: { max: 1, delay: fixed(60) },
  timeLimit: { soft: 20, hard: 30 },
});

let ports: MemoryPorts;
let lines: LogLine[];
let written: string[];
let letGo: PromiseWithResolvers<void>;
/** Of each exit its status, and how much had been written when it came. */
let exits: { status: number; written: number }[];

beforeEach(() => {
  ports = createMemoryPorts();
  lines = [];
  written = [];
  exits = [];
  letGo = Promise.withResolvers();
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
});
afterEach(() => {
  letGo.resolve();
  vi.restoreAllMocks();
});

const work = implement(goOn, async ({ heeds }, { signal }) => {
  if (heeds) signal.addEventListener('abort', () => letGo.resolve());
  await letGo.promise;
  return {};
});

/** Submits a task for each, and hands them to a worker as one batch. */
async function handle(...tasks: readonly { heeds: boolean }[]) {
  const worker = createWorkerHandler({
    stage: 'dev',
    ports,
    implementations: new Map([['go_on', work]]),
    queues: new Map([['celeriac-dev-default', 'default']]),
    heartbeat: createHeartbeat({
      worker: 'default',
      heartbeats: createMemoryHeartbeats(),
      clock: ports.clock,
    }),
    log: recordingLog(lines),
    exit: (status) => exits.push({ status, written: written.length }),
  });
  const submissions = tasks.map((input) =>
    submit(ports, { spec: goOn, input, tenant: 'acme', priority: 'normal' }),
  );
  const records = (await Promise.all(submissions)).map(({ record }) => record);
  return {
    handled: worker(sqsEvent(ports.queue.receive('default')), lambdaContext(330_000)),
    states: async () => {
      const now = await Promise.all(records.map(({ taskId }) => ports.store.read(taskId)));
      return now.map((record) => record?.state);
    },
  };
}

it('ends the runtime of work that goes on after its hard limit, once the whole batch is recorded', async () => {
  const { handled, states } = await handle({ heeds: false }, { heeds: false });
  await ports.clock.advance(29_999);
  expect(await states()).toEqual(['STARTED', 'STARTED']);
  await ports.clock.advance(1);
  await handled;
  expect(await states()).toEqual(['FAILURE', 'FAILURE']);
  expect(written.join()).toContain('TasksFailed');
  expect(exits).toEqual([{ status: 1, written: written.length }]);
  expect(lines.at(-1)).toEqual({
    level: 'error',
    message: 'runtime ended: a task goes on after its attempt was cut off; it should heed ctx.signal',
    fields: { function_request_id: 'invocation-1' },
  });
});

it('keeps the runtime of work that ends when it is asked to', async () => {
  const { handled, states } = await handle({ heeds: true });
  await ports.clock.advance(20_000);
  await handled;
  expect(await states()).toEqual(['SUCCESS']);
  expect(exits).toEqual([]);
});
