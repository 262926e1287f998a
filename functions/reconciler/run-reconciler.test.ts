import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { lambdaContext } from '#functions/runtime/fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { submit } from '#shared/pipeline/submit.ts';
import { defineTask } from '#shared/tasks/define-task.ts';
import { runReconciler } from './run-reconciler.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html */
const event = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-01-01T00:01:00Z',
  region: 'eu-central-1',
  resources: ['arn:aws:events:eu-central-1:123456789012:rule/reconcile'],
  detail: {},
};

const spec = defineTask({
  name: 'some',
  description: 'Any task.',
  input: z.object({}),
  output: z.object({}),
});

let ports: MemoryPorts;
let lines: LogLine[];
let written: string[];
beforeEach(() => {
  ports = createMemoryPorts();
  lines = [];
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const reconciler = () =>
  createScheduleHandler({
    run: (run) => runReconciler(ports, run),
    log: recordingLog(lines),
    now: ports.clock.now,
  });

/** The event of the minute at which dead letters are swept. */
const fifthMinute = { ...event, time: '2026-01-01T00:05:00Z' };

async function lostTask(): Promise<string> {
  const send = ports.queue.send;
  ports.queue.send = async () => Promise.reject(new Error('queue down'));
  const { record } = await submit(ports, { spec, input: {}, tenant: 'acme' });
  ports.queue.send = send;
  return record.taskId;
}

describe('the reconciler', () => {
  it('sends a lost message, logs the task and counts it', async () => {
    const id = await lostTask();
    await ports.clock.advance(30_000);
    await reconciler()(event, lambdaContext());
    expect(ports.queue.depth('default').visible).toBe(1);
    const common = { function_request_id: 'invocation-1' };
    expect(lines).toMatchObject([
      { level: 'info', fields: { ...common, task_id: id, outcome: 'hint-sent' } },
      {
        level: 'info',
        message: 'reconciled',
        fields: { ...common, 'hint-sent': 1, failed: 0, complete: true },
      },
    ]);
    const metrics = JSON.parse(written.join(''));
    expect(metrics).toMatchObject({ service: 'reconciler', ReconcilerHintsSent: 1 });
    expect(metrics).not.toHaveProperty('ReconcilerFailures');
  });

  it('logs and counts a task that it could not help, then fails and so raises its alarm', async () => {
    const id = await lostTask();
    await ports.clock.advance(30_000);
    ports.queue.send = async () => Promise.reject(new Error('queue down'));
    await expect(reconciler()(event, lambdaContext())).rejects.toThrow('1 tasks could not be reconciled');
    expect(lines[0]).toMatchObject({
      level: 'error',
      fields: { task_id: id, error: expect.objectContaining({ message: 'queue down' }) },
    });
    expect(JSON.parse(written.join(''))).toMatchObject({ ReconcilerFailures: 1 });
  });

  it('removes dead letters whose task was redriven, every fifth minute, and counts them', async () => {
    const { record } = await submit(ports, { spec, input: {}, tenant: 'acme' });
    const letter = { v: 1, taskId: record.taskId, epoch: 1, dead: true } as const;
    await ports.queue.sendDead('default', letter);
    await ports.queue.sendDead('priority', { ...letter, epoch: 2 });
    await reconciler()(event, lambdaContext());
    expect(ports.queue.deadLetters('default')).toHaveLength(1);

    await reconciler()(fifthMinute, lambdaContext());
    expect(ports.queue.deadLetters('default')).toEqual([]);
    expect(ports.queue.deadLetters('priority')).toHaveLength(1);
    expect(lines.filter(({ message }) => message === 'dead letters swept')).toMatchObject([
      { level: 'info', fields: { looked_at: 2, removed: 1 } },
    ]);
    expect(JSON.parse(written.join(''))).toMatchObject({ service: 'reconciler', ReconcilerLettersSwept: 1 });
  });

  it('reconciles before it sweeps, and raises its alarm when it cannot sweep', async () => {
    await lostTask();
    await ports.clock.advance(30_000);
    ports.queue.receiveDead = async () => Promise.reject(new Error('queue down'));
    await expect(reconciler()(fifthMinute, lambdaContext())).rejects.toThrow('queue down');
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('writes no metric when there was nothing to do, because each is charged', async () => {
    await reconciler()(event, lambdaContext());
    expect(written).toEqual([]);
  });

  it('stops five seconds before its time is up and says so', async () => {
    await lostTask();
    await ports.clock.advance(30_000);
    await reconciler()(event, lambdaContext(5000));
    expect(ports.queue.depth('default').visible).toBe(0);
    expect(lines.at(-1)).toMatchObject({ level: 'warn' });
  });

  it('fails, and so raises its alarm, when due tasks cannot be listed', async () => {
    ports.store.due = async () => Promise.reject(new Error('store down'));
    await expect(reconciler()(event, lambdaContext())).rejects.toThrow('store down');
  });

  it('refuses an event that no rule sends', async () => {
    await expect(reconciler()({ time: 'soon' }, lambdaContext())).rejects.toThrow('id');
  });

  it('knows for which minute it was called', async () => {
    const fired: number[] = [];
    const handler = createScheduleHandler({
      run: async ({ firedAt }) => {
        fired.push(firedAt);
      },
      log: recordingLog(lines),
      now: ports.clock.now,
    });
    await handler(event, lambdaContext());
    expect(fired).toEqual([Date.UTC(2026, 0, 1, 0, 1)]);
  });
});
