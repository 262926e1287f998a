import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fixed } from '#shared/lifecycle/backoff.ts';
import { createMemoryHeartbeats } from '#shared/memory/memory-heartbeats.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { submit } from '#shared/pipeline/submit.ts';
import type { Delivery } from '#shared/ports/task-queue.ts';
import type { WorkerHeartbeats } from '#shared/ports/worker-heartbeats.ts';
import { defineTask } from '#shared/tasks/define-task.ts';
import { implement } from '#shared/tasks/implement-task.ts';
import { lambdaContext } from './fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from './fixtures/recording-log.ts';
import { sqsEvent } from './fixtures/sqs-event.ts';
import { sqsNameOf } from './read-sqs-event.ts';
import { createWorkerHandler } from './worker-entry.ts';
import { createHeartbeat } from './worker-heartbeat.ts';

/** A task that does what its input says. */
const act = defineTask({
  name: 'act',
  description: 'Does what it is told.',
  input: z.strictObject({ mode: z.enum(['ok', 'raise', 'wait']), secret: z.string().default('') }),
  output: z.object({ done: z.string() }),
  retry: { max: 1, delay: fixed(60) },
});

let ports: MemoryPorts;
let heartbeats: WorkerHeartbeats;
let lines: LogLine[];
let written: string[];
let opened: PromiseWithResolvers<void>;
beforeEach(() => {
  ports = createMemoryPorts();
  heartbeats = createMemoryHeartbeats();
  lines = [];
  written = [];
  opened = Promise.withResolvers();
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function worker() {
  const implementation = implement(act, async ({ mode }, { log, attempt }) => {
    log.info('acting', { mode });
    if (mode === 'raise') throw new Error('told to raise');
    if (mode === 'wait') await opened.promise;
    return { done: `${mode} ${attempt}` };
  });
  return createWorkerHandler({
    stage: 'dev',
    ports,
    implementations: new Map([['act', implementation]]),
    queues: new Map([
      ['celeriac-dev-default', 'default'],
      ['celeriac-dev-priority', 'priority'],
    ]),
    heartbeat: createHeartbeat({ worker: 'default', heartbeats, clock: ports.clock }),
    log: recordingLog(lines),
    exit: () => undefined,
  });
}

async function submitted(mode: string, priority: 'normal' | 'high' = 'normal'): Promise<string> {
  const input = { mode, secret: 's3cret' };
  const { record } = await submit(ports, { spec: act, input, tenant: 'acme', priority });
  return record.taskId;
}

const kept = (...messages: readonly (Delivery | undefined)[]) => ({
  batchItemFailures: messages.map((message) => ({ itemIdentifier: message?.messageId })),
});
const state = async (taskId: string) => (await ports.store.read(taskId))?.state;

describe('a batch', () => {
  it('runs side by side; each message ends by itself', async () => {
    const slow = await submitted('wait');
    const failing = await submitted('raise');
    const good = await submitted('ok');
    ports.queue.sendRaw('default', 'not json');
    const batch = ports.queue.receive('default');

    const handled = worker()(sqsEvent(batch), lambdaContext());
    await ports.clock.advance(0);
    expect([await state(slow), await state(failing), await state(good)]).toEqual([
      'STARTED',
      'RETRY',
      'SUCCESS',
    ]);
    opened.resolve();

    const messageWith = (words: string) => batch.find(({ body }) => body.includes(words));
    expect(await handled).toEqual(kept(messageWith(failing)));
    expect(await state(slow)).toBe('SUCCESS');
    const { messageId } = messageWith('not json') ?? {};
    expect(ports.queue.deadLetters('default')).toEqual([
      { body: 'not json', attributes: expect.objectContaining({ messageId }) },
    ]);
  });

  it('knows the priority queue by its name', async () => {
    const id = await submitted('ok', 'high');
    const batch = ports.queue.receive('priority');
    expect(await worker()(sqsEvent(batch), lambdaContext())).toEqual(kept());
    expect(await state(id)).toBe('SUCCESS');
  });

  it('writes one line of metrics for a task, whatever its number in the batch, and one for all tasks', async () => {
    for (const mode of ['ok', 'ok', 'raise']) await submitted(mode);
    await worker()(sqsEvent(ports.queue.receive('default')), lambdaContext());
    const metrics = written.filter((line) => line.includes('"_aws"')).map((line) => JSON.parse(line));
    expect(metrics).toEqual([
      expect.objectContaining({
        ...{
          ...{ stage: 'dev', task: 'act', queue: 'default' },
          TasksStarted: [1, 1, 1],
          TasksSucceeded: [1, 1],
          TasksRetrying: 1,
        },
        ...{ TaskDuration: [0, 0, 0], QueueWait: [0, 0, 0] },
      }),
      { _aws: expect.anything(), stage: 'dev', TasksSucceeded: [1, 1] },
    ]);
  });

  it('logs each attempt with what identifies it, and nothing of its input', async () => {
    const id = await submitted('raise');
    await worker()(sqsEvent(ports.queue.receive('default')), lambdaContext());
    const fields = {
      ...{ function_request_id: 'invocation-1', task_id: id, task: 'act', queue: 'default' },
      ...{ attempt: 1, epoch: 1, tenant: 'acme' },
    };
    expect(lines).toEqual([
      { level: 'info', message: 'attempt started', fields: { ...fields, waited_ms: 0 } },
      { level: 'info', message: 'acting', fields: { ...fields, mode: 'raise' } },
      {
        level: 'warn',
        message: 'attempt ended',
        fields: {
          ...fields,
          outcome: 'RETRY',
          duration_ms: 0,
          error_type: 'Error',
          error_stack: expect.stringMatching(/^at /),
        },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });
});

describe('a fault of the store', () => {
  it('keeps only the message it met, hidden for 30 seconds, and counts it', async () => {
    const unlucky = await submitted('ok');
    const lucky = await submitted('ok');
    const batch = ports.queue.receive('default', { visibilitySeconds: 1980 });
    const read = ports.store.read;
    ports.store.read = async (id) => (id === unlucky ? Promise.reject(new Error('throttled')) : read(id));

    expect(await worker()(sqsEvent(batch), lambdaContext())).toEqual(kept(batch[0]));
    expect(lines).toContainEqual({
      level: 'error',
      message: 'message kept: the pipeline could not handle it',
      fields: {
        function_request_id: 'invocation-1',
        message_id: batch[0]?.messageId,
        error: expect.objectContaining({ message: 'throttled' }),
      },
    });
    expect(written.join()).toContain('"stage":"dev","MessagesKept":1');

    ports.store.read = read;
    expect(await state(lucky)).toBe('SUCCESS');
    if (batch[1]) ports.queue.remove(batch[1]);
    await ports.clock.advance(29_999);
    expect(ports.queue.receive('default')).toEqual([]);
    await ports.clock.advance(1);
    expect(ports.queue.receive('default')).toHaveLength(1);
  });

  it('keeps the message even when it cannot be put back', async () => {
    await submitted('ok');
    const batch = ports.queue.receive('default');
    ports.store.read = async () => Promise.reject(new Error('throttled'));
    ports.queue.putBack = async () => Promise.reject(new Error('queue down'));
    expect(await worker()(sqsEvent(batch), lambdaContext())).toEqual(kept(batch[0]));
    expect(lines.map(({ message }) => message)).toContain('a kept message could not be put back early');
  });
});

describe('the end of an invocation', () => {
  it('ends an attempt ten seconds before, so that it is recorded', async () => {
    const id = await submitted('wait');
    const handled = worker()(sqsEvent(ports.queue.receive('default')), lambdaContext(25_000));
    await ports.clock.advance(14_999);
    expect(await state(id)).toBe('STARTED');
    await ports.clock.advance(1);
    await handled;
    expect(await state(id)).toBe('RETRY');
    opened.resolve();
  });
});

describe('a call without a queue', () => {
  const call = (taskId: string) =>
    sqsEvent([
      {
        queue: 'default',
        messageId: taskId,
        receipt: null,
        body: JSON.stringify({ v: 1, taskId, epoch: 1 }),
      },
    ]);

  it('runs the task; one that is to be tried again is left to the reconciler', async () => {
    const good = await submitted('ok');
    const failing = await submitted('raise');
    expect(await worker()(call(good), lambdaContext())).toEqual(kept());
    expect(await worker()(call(failing), lambdaContext())).toEqual(kept());
    expect(await state(good)).toBe('SUCCESS');
    expect(await ports.store.read(failing)).toMatchObject({ state: 'RETRY', wokenBy: 'reconciler' });
  });

  it('has no message to put back after a fault of the store', async () => {
    const id = await submitted('ok');
    ports.store.read = async () => Promise.reject(new Error('throttled'));
    expect(await worker()(call(id), lambdaContext())).toMatchObject({ batchItemFailures: [{}] });
    expect(lines.map(({ message }) => message)).toEqual(['message kept: the pipeline could not handle it']);
  });
});

describe('a heartbeat', () => {
  it('harms no task when it cannot be written, and holds up none', async () => {
    const writing = Promise.withResolvers<void>();
    heartbeats.beat = () => writing.promise;
    const id = await submitted('ok');
    const handled = worker()(sqsEvent(ports.queue.receive('default')), lambdaContext());
    await ports.clock.advance(0);
    expect(await state(id)).toBe('SUCCESS');
    writing.reject(new Error('throttled'));
    expect(await handled).toEqual(kept());
    expect(lines.at(-1)).toMatchObject({ level: 'warn', message: 'heartbeat not written' });
  });
});

describe('a deployment that does not fit', () => {
  it('refuses an event that is not from SQS', async () => {
    await expect(worker()({ detail: {} }, lambdaContext())).rejects.toThrow('Records');
  });

  it('refuses a queue that is not its own', async () => {
    const event = sqsEvent([{ queue: 'default', messageId: 'm', receipt: 'r', body: '{}' }]);
    const elsewhere = {
      Records: event.Records.map((record) => ({ ...record, eventSourceARN: 'arn:aws:sqs:x:1:y' })),
    };
    await expect(worker()(elsewhere, lambdaContext())).rejects.toThrow(
      'a message came from the queue y; this worker serves celeriac-dev-default, celeriac-dev-priority',
    );
  });

  it('reads the name of a queue off its URL', () => {
    expect(sqsNameOf('https://sqs.eu-central-1.amazonaws.com/123456789012/celeriac-dev-default')).toBe(
      'celeriac-dev-default',
    );
  });
});
