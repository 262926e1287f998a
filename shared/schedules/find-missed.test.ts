import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { submit } from '../pipeline/submit.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement } from '../tasks/implement-task.ts';
import { findMissed } from './find-missed.ts';
import { fireSchedule, systemTenant } from './fire-schedule.ts';
import { defineSchedule } from './schedule.ts';

const minute = 60_000;
const parts = { description: 'Any.', input: z.strictObject({}), output: z.object({}) };
const some = defineTask({ name: 'some', ...parts });
const lonely = defineTask({ name: 'lonely', ...parts, unique: () => 'all' });

const each = { input: {}, description: 'Any.' };
const morning = defineSchedule({
  ...{ ...each, name: 'morning', task: some, cron: '0 6 * * *', timeZone: 'America/New_York' },
});
const always = defineSchedule({ ...each, name: 'always', task: some, cron: '* * * * *', timeZone: 'UTC' });
const alone = defineSchedule({ ...each, name: 'alone', task: lonely, cron: '0 * * * *', timeZone: 'UTC' });
const slot = Date.UTC(2026, 0, 1, 11);

let ports: MemoryPorts;
beforeEach(async () => {
  ports = createMemoryPorts();
  await ports.clock.advance(slot - ports.clock.now());
});

/** Which of the minutes after the slot tell that it was missed. */
async function toldIn(minutes: readonly number[]): Promise<number[]> {
  const told = [];
  for (const passed of minutes) {
    if ((await findMissed(ports, [morning], slot + passed * minute)).length > 0) told.push(passed);
  }
  return told;
}

describe('a slot without its task', () => {
  it('is told in the fifth to ninth minute after it, in the schedule’s own time zone', async () => {
    expect(await toldIn([0, 4, 5, 6, 7, 8, 9, 10, 60])).toEqual([5, 6, 7, 8, 9]);
    expect(await findMissed(ports, [morning], slot + 5 * minute)).toEqual([{ schedule: 'morning', slot }]);
  });

  it('is told by itself, though others of its schedule were submitted', async () => {
    for (const passed of [0, 1, 3, 4]) await fireSchedule(ports, always, slot + passed * minute);
    const missed = await findMissed(ports, [morning, always], slot + 9 * minute);
    expect(missed).toEqual([
      { schedule: 'morning', slot },
      { schedule: 'always', slot: slot + 2 * minute },
    ]);
  });

  it('asks for no record of a schedule that is not due', async () => {
    const read = vi.spyOn(ports.store, 'read');
    await findMissed(ports, [morning], slot + 65 * minute);
    expect(read).not.toHaveBeenCalled();
  });
});

describe('a slot with its task', () => {
  it('is not missed, whatever became of the task', async () => {
    await fireSchedule(ports, morning, slot);
    expect(await toldIn([5, 9])).toEqual([]);
    await createMemoryWorker(ports, [implement(some, async () => ({}))]).poll();
    expect(ports.store.records()).toMatchObject([{ state: 'SUCCESS' }]);
    expect(await toldIn([5, 9])).toEqual([]);
  });
});

describe('a slot whose task was kept out by a unique lock', () => {
  const missed = () => findMissed(ports, [alone], slot + 5 * minute);
  const work = () => createMemoryWorker(ports, [implement(lonely, async () => ({}))]).poll();
  const submitted = () => submit(ports, { spec: lonely, input: {}, tenant: systemTenant });

  it('is not missed while the holder runs, nor when that has ended since', async () => {
    await submitted();
    expect(await fireSchedule(ports, alone, slot)).toMatchObject({ duplicate: true });
    expect(await missed()).toEqual([]);
    await ports.clock.advance(minute);
    await work();
    expect(ports.store.records()).toMatchObject([{ state: 'SUCCESS' }]);
    expect(await missed()).toEqual([]);
  });

  it('is missed when the last holder had ended before the slot, or there never was one', async () => {
    expect(await missed()).toEqual([{ schedule: 'alone', slot }]);
    ports = createMemoryPorts();
    await ports.clock.advance(slot - minute - ports.clock.now());
    await submitted();
    await work();
    expect(await missed()).toEqual([{ schedule: 'alone', slot }]);
  });
});
