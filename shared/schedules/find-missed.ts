import { isEnded } from '../lifecycle/task-record.ts';
import { uniqueKeyOf } from '../pipeline/unique-lock.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import { slotTaskId, systemTenant } from './fire-schedule.ts';
import { isDue } from './occurrences.ts';
import type { Schedule } from './schedule.ts';

const minute = 60_000;
/** How long ago the slots are that are looked at: whoever fires them has tried three times by then. */
const looksBack = { from: 5, to: 10 } as const;

/** A slot of a schedule that has passed without its task. */
export interface MissedSlot {
  readonly schedule: string;
  /** A whole minute, milliseconds since the epoch. */
  readonly slot: number;
}

/**
 * The slots of five to ten minutes before `minuteNow`, a whole minute in milliseconds since the epoch, that were due and
 * have no task. Every slot is looked at in five runs, so that a run that fails misses none. Records are read
 * consistently, one for each due slot; a record is kept for days after its end, so none is gone that soon. A slot whose
 * task was kept out by another under the same `unique` lock is not missed. Throws what the store throws.
 */
export async function findMissed(
  ports: Pick<PipelinePorts, 'store'>,
  schedules: readonly Schedule[],
  minuteNow: number,
): Promise<readonly MissedSlot[]> {
  const slots = Array.from(
    { length: looksBack.to - looksBack.from },
    (_, index) => minuteNow - (looksBack.from + index) * minute,
  );
  const due = schedules.flatMap((schedule) =>
    slots.filter((slot) => isDue(schedule, slot)).map((slot) => ({ schedule, slot })),
  );
  const looked = await Promise.all(
    due.map(async ({ schedule, slot }) => ({
      ...{ schedule: schedule.name, slot },
      missed: !(await wasSubmitted(ports, schedule, slot)),
    })),
  );
  return looked.filter(({ missed }) => missed).map(({ schedule, slot }) => ({ schedule, slot }));
}

async function wasSubmitted(
  ports: Pick<PipelinePorts, 'store'>,
  schedule: Schedule,
  slot: number,
): Promise<boolean> {
  const record = await ports.store.read(slotTaskId(schedule.name, slot));
  return record !== null || (await wasKeptOut(ports, schedule, slot));
}

/** Whether the task's lock was held in the slot or after it: then another run of the same work stands for this one. */
async function wasKeptOut(
  { store }: Pick<PipelinePorts, 'store'>,
  { task, input }: Schedule,
  slot: number,
): Promise<boolean> {
  const key = uniqueKeyOf(task, systemTenant, task.input.parse(input));
  const held = key === null ? null : await store.readLock(key);
  const holder = held === null ? null : await store.read(held.taskId);
  return holder !== null && (!isEnded(holder) || holder.finishedAt >= slot);
}
