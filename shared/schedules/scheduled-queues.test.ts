import { expect, it } from 'vitest';
import * as z from 'zod';
import { defineTask, type QueueName } from '../tasks/define-task.ts';
import { defineSchedule } from './schedule.ts';
import { scheduledQueues } from './scheduled-queues.ts';

const nothing = z.strictObject({});

function nightly(name: string, queue: QueueName) {
  const task = defineTask({ name, queue, description: 'Anything.', input: nothing, output: nothing });
  return defineSchedule({
    ...{ name, task, input: {}, cron: '0 2 * * *', timeZone: 'UTC' },
    description: 'Each night.',
  });
}

it('tells each queue of the schedules’ tasks once, and no other', () => {
  expect(scheduledQueues([])).toEqual([]);
  expect(scheduledQueues([nightly('one', 'default'), nightly('two', 'default')])).toEqual(['default']);
  expect(scheduledQueues([nightly('one', 'geo_processing'), nightly('two', 'default')])).toEqual([
    'geo_processing',
    'default',
  ]);
});
