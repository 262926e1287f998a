import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { lambdaContext } from '#functions/runtime/fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { cancelTask } from '#shared/pipeline/cancel-task.ts';
import { submit } from '#shared/pipeline/submit.ts';
import { slotTaskId } from '#shared/schedules/fire-schedule.ts';
import { defineSchedule, type Schedule } from '#shared/schedules/schedule.ts';
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

const hourly = defineSchedule({
  ...{ name: 'hourly', task: spec, input: {}, cron: '0 * * * *', timeZone: 'UTC' },
  description: 'Each hour.',
});

let ports: MemoryPorts;
let schedules: readonly Schedule[];
let lines: LogLine[];
let written: string[];
beforeEach(() => {
  ports = createMemoryPorts();
  schedules = [];
  lines = [];
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const reconciler = () =>
  createScheduleHandler({
    run: (run) => runReconciler(ports, schedules, run),
    stage: 'dev',
    log: recordingLog(lines),
    now: ports.clock.now,
  });

/** The metrics written, without what tells CloudWatch how to read them. */
const metrics = () => written.map((line) => JSON.parse(line)).map(({ _aws, ...values }) => values);

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
    expect(metrics()).toEqual([
      { stage: 'dev', OldestUnfinishedTask: 0 },
      { stage: 'dev', service: 'reconciler', ReconcilerHintsSent: 1 },
    ]);
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
    expect(metrics()).toContainEqual({ stage: 'dev', service: 'reconciler', ReconcilerFailures: 1 });
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
    expect(metrics()).toContainEqual({ stage: 'dev', service: 'reconciler', ReconcilerLettersSwept: 1 });
  });

  it('reconciles before it sweeps, and raises its alarm when it cannot sweep', async () => {
    await lostTask();
    await ports.clock.advance(30_000);
    ports.queue.receiveDead = async () => Promise.reject(new Error('queue down'));
    await expect(reconciler()(fifthMinute, lambdaContext())).rejects.toThrow('queue down');
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('writes one metric when there was nothing to do, because each is charged', async () => {
    await reconciler()(event, lambdaContext());
    expect(metrics()).toEqual([{ stage: 'dev', OldestUnfinishedTask: 0 }]);
  });

  it('measures for how many seconds the oldest task has waited for a worker, and when the wait is over', async () => {
    const taskId = await lostTask();
    await ports.clock.advance(600_400);
    await reconciler()(event, lambdaContext());
    expect(metrics()).toContainEqual({ stage: 'dev', OldestUnfinishedTask: 600 });

    written = [];
    await cancelTask(ports, { taskId, tenant: 'acme', by: 'me' });
    await reconciler()(event, lambdaContext());
    expect(metrics()).toEqual([{ stage: 'dev', OldestUnfinishedTask: 0 }]);
  });

  it('measures first, so that a run that is busy until its deadline tells how long tasks wait', async () => {
    await lostTask();
    await ports.clock.advance(600_000);
    await reconciler()(event, lambdaContext(5000));
    expect(metrics()).toEqual([{ stage: 'dev', OldestUnfinishedTask: 600 }]);
  });

  it('counts and names the times of schedules at which nothing was submitted', async () => {
    schedules = [hourly];
    await reconciler()({ ...event, time: '2026-01-01T00:05:00Z' }, lambdaContext());
    expect(metrics()).toEqual([{ stage: 'dev', OldestUnfinishedTask: 0, MissedSchedules: 1 }]);
    expect(lines).toContainEqual({
      level: 'warn',
      message: 'schedule missed',
      fields: expect.objectContaining({ schedule: 'hourly', slot: '2026-01-01T00:00:00.000Z' }),
    });
  });

  it('reconciles although it cannot measure, and then raises its alarm', async () => {
    schedules = [hourly];
    await lostTask();
    await ports.clock.advance(30_000);
    const read = ports.store.read;
    const slot = Date.UTC(2026, 0, 1);
    ports.store.read = async (id) =>
      id === slotTaskId('hourly', slot) ? Promise.reject(new Error('store down')) : read(id);
    await expect(reconciler()(fifthMinute, lambdaContext())).rejects.toThrow(
      'not everything could be measured',
    );
    expect(ports.queue.depth('default').visible).toBe(1);
    expect(lines[0]).toMatchObject({ level: 'error', message: 'not measured' });
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
      stage: 'dev',
      log: recordingLog(lines),
      now: ports.clock.now,
    });
    await handler(event, lambdaContext());
    expect(fired).toEqual([Date.UTC(2026, 0, 1, 0, 1)]);
  });
});
