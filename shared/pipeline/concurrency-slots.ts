import * as z from 'zod';
import { keyedId } from '../lifecycle/keyed-id.ts';
import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { TaskSpec } from '../tasks/define-task.ts';
import { changeLimit } from './change-limit.ts';

/** The concurrency key of a task with this input, which the spec must have accepted; null for one without a limit. */
export function concurrencyKeyOf(spec: TaskSpec, input: unknown): string | null {
  return spec.concurrency ? keyedId('concurrency', spec.name, spec.concurrency.key(input)) : null;
}

/**
 * Who holds a concurrency key: each for a task's claim, or for the claim that it is about to make. Two messages of one
 * task may hold it at once until one of their claims is refused; together they take one slot.
 */
const holders = z.array(z.object({ taskId: z.string(), claim: z.int(), by: z.string(), since: z.int() }));
type Holder = z.output<typeof holders>[number];

/** Between taking a slot and the claim lies one write; a slot whose claim was never made is free after this. */
const claimWithin = 30_000;

/**
 * Takes a slot of a concurrency key for the next claim of a record; returns what gives it back, or null when the attempts
 * of `most` other tasks hold one. Slots of workers that died are found by their tasks' records, and only when they are
 * needed.
 */
export async function takeSlot(
  ports: Pick<PipelinePorts, 'store' | 'limits' | 'newId' | 'clock'>,
  key: string,
  most: number,
  { taskId, claim }: Pick<TaskRecord, 'taskId' | 'claim'>,
): Promise<string | null> {
  const now = ports.clock.now();
  const own = { taskId, claim: claim + 1, by: ports.newId(), since: now };
  const { taken } = await changeLimit(ports, key, async (value) => {
    const held = holders.parse(value ?? []);
    const others = held.filter((holder) => holder.taskId !== taskId);
    const living = tasksOf(others) < most ? others : await stillHolding(ports, others, now);
    if (tasksOf(living) >= most) return { next: undefined, taken: false };
    const twins = held.filter((holder) => holder.taskId === taskId && holder.claim >= own.claim);
    return { next: [...living, ...twins, own], taken: true };
  });
  return taken ? own.by : null;
}

/** Gives back what {@link takeSlot} returned; a slot that is not held is no error. */
export async function giveBackSlot(
  ports: Pick<PipelinePorts, 'limits' | 'newId'>,
  key: string,
  by: string,
): Promise<void> {
  await changeLimit(ports, key, (value) => {
    const held = holders.parse(value ?? []);
    const left = held.filter((holder) => holder.by !== by);
    return { next: left.length < held.length ? left : undefined };
  });
}

function tasksOf(held: readonly Holder[]): number {
  return new Set(held.map(({ taskId }) => taskId)).size;
}

async function stillHolding(
  ports: Pick<PipelinePorts, 'store'>,
  held: readonly Holder[],
  now: number,
): Promise<Holder[]> {
  const living = await Promise.all(
    held.map(async (holder) => {
      const record = await ports.store.read(holder.taskId);
      if (record === null) return false;
      if (isRunning(record) && record.claim === holder.claim) return record.leaseUntil > now;
      return record.claim < holder.claim && holder.since > now - claimWithin;
    }),
  );
  return held.filter((_, index) => living[index]);
}
