import { expect, it } from 'vitest';
import * as z from 'zod';
import { timeOfId } from '../lifecycle/time-of-id.ts';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { defineTask } from '../tasks/define-task.ts';
import { fireSchedule } from './fire-schedule.ts';
import { defineSchedule } from './schedule.ts';

const task = defineTask({
  name: 'ingest',
  description: 'Any task.',
  input: z.strictObject({ limit: z.int() }),
  output: z.object({}),
});
const morning = defineSchedule({
  name: 'morning',
  task,
  input: { limit: 100 },
  cron: '0 6 * * *',
  timeZone: 'America/New_York',
  description: 'Each morning.',
});
const slot = Date.UTC(2026, 0, 1, 11);
const day = 86_400_000;

it('submits the task with its input, as the system’s own, under an id of the slot’s time', async () => {
  const ports = createMemoryPorts();
  const accepted = await fireSchedule(ports, morning, slot);
  expect(accepted).toMatchObject({
    duplicate: false,
    record: { task: 'ingest', tenant: 'system', input: { json: '{"limit":100}' } },
  });
  expect(timeOfId(accepted?.record.taskId ?? '')).toBe(slot);
  expect(ports.queue.receive('default')).toMatchObject([{ group: 'system' }]);
});

it('submits nothing when the schedule is not due', async () => {
  const ports = createMemoryPorts();
  // In summer the rule's minute at 10:00 UTC is the right one.
  expect(await fireSchedule(ports, morning, slot - 3_600_000)).toBeNull();
  expect(ports.store.records()).toEqual([]);
});

it('submits a slot once, and each slot of each schedule by itself', async () => {
  const ports = createMemoryPorts();
  await fireSchedule(ports, morning, slot);
  expect(await fireSchedule(ports, morning, slot)).toMatchObject({ duplicate: true });
  expect(ports.store.records()).toHaveLength(1);
  await fireSchedule(ports, morning, slot + day);
  await fireSchedule(ports, { ...morning, name: 'other' }, slot);
  expect(ports.store.records()).toHaveLength(3);
});
