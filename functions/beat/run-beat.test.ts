import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { lambdaContext } from '#functions/runtime/fixtures/lambda-context.ts';
import { type LogLine, recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { createScheduleHandler } from '#functions/runtime/schedule-entry.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/memory/memory-ports.ts';
import { defineSchedule } from '#shared/schedules/schedule.ts';
import { defineTask } from '#shared/tasks/define-task.ts';
import { runBeat } from './run-beat.ts';

const nightly = defineSchedule({
  name: 'nightly',
  task: defineTask({ name: 'some', description: 'Any task.', input: z.object({}), output: z.object({}) }),
  input: {},
  cron: '0 2 * * *',
  timeZone: 'UTC',
  description: 'Each night.',
});

let ports: MemoryPorts;
let lines: LogLine[];
beforeEach(() => {
  ports = createMemoryPorts();
  lines = [];
});

/** Calls the beat as the rule's input transformer has it called. */
function fire(time: string, schedule = 'nightly'): Promise<void> {
  const handler = createScheduleHandler({
    run: (run) => runBeat(ports, [nightly], run),
    stage: 'dev',
    log: recordingLog(lines),
    now: ports.clock.now,
  });
  return handler({ id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa', time, schedule }, lambdaContext());
}

describe('the beat', () => {
  it('submits the task of the minute for which the rule has fired', async () => {
    await fire('2026-01-02T02:00:40Z');
    const [record] = ports.store.records();
    const correlationId = '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa';
    expect(record).toMatchObject({ task: 'some', tenant: 'system', state: 'PENDING', correlationId });
    expect(lines).toMatchObject([
      {
        level: 'info',
        message: 'schedule submitted its task',
        fields: {
          ...{ schedule: 'nightly', slot: '2026-01-02T02:00:00.000Z', task_id: record?.taskId },
          correlation_id: correlationId,
        },
      },
    ]);
  });

  it('submits it once when the rule fires twice, side by side or after a fault', async () => {
    const create = vi.spyOn(ports.store, 'create').mockRejectedValueOnce(new Error('store down'));
    await expect(fire('2026-01-02T02:00:00Z')).rejects.toThrow('store down');
    await Promise.all([fire('2026-01-02T02:00:00Z'), fire('2026-01-02T02:00:00Z')]);
    await fire('2026-01-02T02:00:00Z');
    expect(create).toHaveBeenCalledTimes(4);
    expect(ports.store.records()).toHaveLength(1);
    expect(ports.queue.depth('default').visible).toBe(1);
    expect(lines.map(({ message }) => message).sort()).toEqual([
      ...['schedule fired before', 'schedule fired before', 'schedule submitted its task'],
    ]);
  });

  it('submits nothing in a minute in which the schedule is not due', async () => {
    await fire('2026-01-02T03:00:00Z');
    expect(ports.store.records()).toEqual([]);
    expect(lines).toMatchObject([{ level: 'info', message: 'schedule not due' }]);
  });

  it('says when the message could not be sent, which the reconciler mends', async () => {
    ports.queue.send = async () => Promise.reject(new Error('queue down'));
    await fire('2026-01-02T02:00:00Z');
    expect(ports.store.records()).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { error: expect.objectContaining({ message: 'queue down' }) },
    });
  });

  it('fails, and so raises its alarm, for a schedule that is not declared', async () => {
    await expect(fire('2026-01-02T02:00:00Z', 'gone')).rejects.toThrow(
      'a rule has fired for the schedule gone; declared are: nightly',
    );
  });

  it('refuses an event that no schedule’s rule sends', async () => {
    const handler = createScheduleHandler({
      run: (run) => runBeat(ports, [nightly], run),
      stage: 'dev',
      log: recordingLog(lines),
      now: ports.clock.now,
    });
    const event = { id: 'id', time: '2026-01-02T02:00:00Z' };
    await expect(handler(event, lambdaContext())).rejects.toThrow('schedule');
  });
});
