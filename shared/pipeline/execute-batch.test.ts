import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import { isRefusal } from '../lifecycle/refusal.ts';
import { isRunning, type TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import type { MemoryDelivery } from '../memory/memory-task-queue.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement, type TaskContext } from '../tasks/implement-task.ts';
import { cancelTask } from './cancel-task.ts';
import { type BatchReport, executeBatch } from './execute-batch.ts';
import { saveTransition } from './save-transition.ts';
import { submit } from './submit.ts';
import type { AttemptEvent } from './worker-setup.ts';

const namedTask = defineTask({
  name: 'named',
  description: 'A task that a test knows by its name.',
  input: z.string(),
  output: z.unknown(),
  retry: { max: 1, delay: fixed(60) },
});

type Work = (name: string, context: TaskContext) => Promise<unknown>;

let ports: MemoryPorts;
let events: AttemptEvent[];
beforeEach(() => {
  ports = createMemoryPorts();
  events = [];
});

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const never = () => new Promise<never>(() => undefined);
const minutes = (count: number) => count * 60_000;

async function submitted(...names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    ids.push((await submit(ports, { spec: namedTask, input: name, tenant: 'acme' })).record.taskId);
  }
  return ids;
}

/** Runs a batch as one invocation does: what it does not keep is deleted. */
async function invoke(batch: readonly MemoryDelivery[], work: Work, on = ports): Promise<BatchReport> {
  const report = await executeBatch(
    on,
    {
      implementations: new Map([['named', implement(namedTask, work)]]),
      deadline: on.clock.now() + minutes(5),
      logFor: () => silent,
      observe: (event) => void events.push(event),
    },
    batch,
  );
  for (const [index, delivery] of batch.entries()) if (!report.kept[index]) ports.queue.remove(delivery);
  return report;
}

/** Lets a worker begin on a batch and die within it: its clock stands still, and none of its work goes on. */
async function invokeAndDie(batch: readonly MemoryDelivery[], work: Work): Promise<void> {
  void invoke(batch, work, { ...ports, clock: createVirtualClock(ports.clock.now()) });
  await ports.clock.advance(0);
}

const receive = () => ports.queue.receive('default', { visibilitySeconds: 1980 });
const backAgain = () => ports.clock.advance(1_980_000);

async function recordOf(taskId: string | undefined): Promise<TaskRecord> {
  const record = await ports.store.read(taskId ?? '');
  if (record === null) throw new Error(`no record of ${taskId}`);
  return record;
}
const states = async (ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => `${(await recordOf(id)).state} ${(await recordOf(id)).lost}`));

/** Claims a task for a worker that dies at once, as often as told; its lease has run out afterwards. */
async function lose(taskId: string | undefined, times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    const claimed = await saveTransition(ports, await recordOf(taskId), { kind: 'claim', epoch: 1 });
    if (isRefusal(claimed) || !isRunning(claimed)) throw new Error('not claimed');
    await ports.clock.advance(timings.lease);
  }
}

describe('a batch of ten of which one kills the worker', () => {
  it('brings nine to their end, each run by itself once the worker was lost, and gives up on the one', async () => {
    const names = Array.from({ length: 10 }, (_, index) => (index === 4 ? 'poison' : `good ${index}`));
    const ids = await submitted(...names);
    const finished: string[] = [];
    const rounds: string[][] = [];
    let begun: string[] = [];
    /** The poison takes the process with it: whatever runs beside it never ends, nor does anything begin after. */
    const work =
      (allAtOnce: boolean): Work =>
      async (name) => {
        begun.push(name);
        if (allAtOnce || name === 'poison') return never();
        finished.push(name);
        return name;
      };
    for (let round = 0; (await recordOf(ids[4])).state !== 'FAILURE'; round++) {
      expect(round, 'the poison never ends').toBeLessThan(6);
      begun = [];
      await invokeAndDie(receive(), work(round === 0));
      rounds.push(begun);
      await backAgain();
    }
    expect(rounds).toEqual([
      names,
      ['good 0', 'good 1', 'good 2', 'good 3', 'poison'],
      ['good 5', 'good 6', 'good 7', 'good 8', 'good 9', 'poison'],
      [],
    ]);
    expect(finished).toEqual(names.filter((name) => name !== 'poison'));
    expect(await recordOf(ids[4])).toMatchObject({
      ...{ lost: 3, attempts: 1, deadLetter: 'sent', error: { type: 'WorkerLost' } },
    });
    expect(await states(ids)).toEqual(ids.map((_, index) => (index === 4 ? 'FAILURE 3' : 'SUCCESS 1')));
  });
});

describe('tasks whose worker died before', () => {
  it('run after all others, one after the other, the least suspicious first', async () => {
    const [suspect, first, lost, last] = await submitted('suspect', 'first', 'lost', 'last');
    await lose(suspect, 2);
    await lose(lost, 1);
    const trace: string[] = [];
    const handled = invoke(receive(), async (name) => {
      trace.push(`${name} begins`);
      await new Promise<void>((resolve) => ports.clock.after(1000, resolve));
      trace.push(`${name} ends`);
    });
    await ports.clock.advance(3000);
    expect(await handled).toEqual({ kept: [false, false, false, false], stillRunning: false });
    expect(trace).toEqual([
      ...['first begins', 'last begins', 'first ends', 'last ends'],
      ...['lost begins', 'lost ends', 'suspect begins', 'suspect ends'],
    ]);
    expect(await states([suspect, first, lost, last].map(String))).toEqual([
      ...['SUCCESS 2', 'SUCCESS 0', 'SUCCESS 1', 'SUCCESS 0'],
    ]);
  });

  it('are kept, to come again at once, when too little time is left for them', async () => {
    const [slow, lost] = await submitted('slow', 'lost');
    await lose(lost);
    const ran: string[] = [];
    const handled = invoke(receive(), async (name) => {
      ran.push(name);
      await new Promise<void>((resolve) => ports.clock.after(minutes(4) + 1, resolve));
    });
    await ports.clock.advance(minutes(4) + 1);
    expect(await handled).toMatchObject({ kept: [false, true] });
    expect(ran).toEqual(['slow']);
    expect(await states([slow, lost].map(String))).toEqual(['SUCCESS 0', 'STARTED 0']);
    expect(ports.queue.depth('default')).toEqual({ visible: 1, hidden: 0 });
  });

  it('run when just enough time is left', async () => {
    const [, lost] = await submitted('slow', 'lost');
    await lose(lost);
    const handled = invoke(receive(), async (name) => {
      if (name === 'slow') await new Promise<void>((resolve) => ports.clock.after(minutes(4), resolve));
    });
    await ports.clock.advance(minutes(4));
    expect(await handled).toMatchObject({ kept: [false, false] });
    expect(await recordOf(lost)).toMatchObject({ state: 'SUCCESS', lost: 1 });
  });

  it('come by two messages and still run once', async () => {
    const [lost] = await submitted('lost');
    await lose(lost);
    await ports.queue.send('default', { v: 1, taskId: `${lost}`, epoch: 1 }, { delaySeconds: 0, group: 'g' });
    const work = vi.fn<Work>(async () => 'done');
    expect(await invoke(receive(), work)).toMatchObject({ kept: [false, false] });
    expect(work).toHaveBeenCalledOnce();
    expect(events.filter(({ kind }) => kind === 'refused')).toMatchObject([{ reason: 'ended' }]);
  });
});

describe('a fault of the store', () => {
  it('keeps the message it met, and harms no other', async () => {
    const [unlucky, fine, lost] = await submitted('unlucky', 'fine', 'lost');
    await lose(lost);
    const { read } = ports.store;
    vi.spyOn(ports.store, 'read').mockImplementation((id) =>
      id === unlucky ? Promise.reject(new Error('throttled')) : read(id),
    );
    expect(await invoke(receive(), async () => 'done')).toEqual({
      ...{ kept: [true, false, false], stillRunning: false },
    });
    vi.restoreAllMocks();
    expect(await states([unlucky, fine, lost].map(String))).toEqual(['PENDING 0', 'SUCCESS 0', 'SUCCESS 1']);
    expect(events.filter(({ kind }) => kind === 'fault')).toMatchObject([
      { error: { message: 'throttled' } },
    ]);
  });

  it('at a task that runs alone keeps only that message', async () => {
    const [one, other] = await submitted('one', 'other');
    await lose(one);
    await lose(other);
    const { save } = ports.store;
    vi.spyOn(ports.store, 'save').mockImplementation((next, ...rest) =>
      next.taskId === one ? Promise.reject(new Error('throttled')) : save(next, ...rest),
    );
    expect(await invoke(receive(), async () => 'done')).toMatchObject({ kept: [true, false] });
    expect(await recordOf(other)).toMatchObject({ state: 'SUCCESS' });
  });

  it('keeps the message also when that cannot be put back, and tells of both', async () => {
    await submitted('unlucky');
    vi.spyOn(ports.store, 'read').mockRejectedValue(new Error('throttled'));
    vi.spyOn(ports.queue, 'putBack').mockRejectedValue(new Error('queue down'));
    expect(await invoke(receive(), async () => 'done')).toMatchObject({ kept: [true] });
    expect(events.map(({ kind }) => kind)).toEqual(['fault', 'not-postponed']);
  });
});

describe('work that was cut off', () => {
  it('is told as still running: it would run on into later invocations', async () => {
    const [endless] = await submitted('endless');
    const handled = invoke(receive(), never);
    await ports.clock.advance(0);
    await cancelTask(ports, { tenant: 'acme', taskId: `${endless}`, by: 'ada' });
    await ports.clock.advance(timings.cancelPoll + timings.cancelGrace);
    expect(await handled).toEqual({ kept: [false], stillRunning: true });
    expect(await recordOf(endless)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is not told when it ends before the batch does, in whatever way', async () => {
    const [cancelled, failed] = await submitted('cancelled', 'failed', 'slow');
    const handled = invoke(receive(), async (name) => {
      await new Promise<void>((resolve) => ports.clock.after(name === 'slow' ? 20_000 : 15_000, resolve));
      if (name === 'failed') throw new Error('too late to matter');
    });
    await ports.clock.advance(0);
    for (const id of [cancelled, failed]) {
      await cancelTask(ports, { tenant: 'acme', taskId: `${id}`, by: 'ada' });
    }
    await ports.clock.advance(20_000);
    expect(await handled).toEqual({ kept: [false, false, false], stillRunning: false });
    expect(await states([cancelled, failed].map(String))).toEqual(['CANCELLED 0', 'CANCELLED 0']);
  });

  it('is not told of work that ended in order, or gave way to a cancel', async () => {
    const [obedient] = await submitted('obedient', 'quick');
    const handled = invoke(receive(), async (name, { signal }) => {
      if (name === 'quick') return name;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    await ports.clock.advance(0);
    await cancelTask(ports, { tenant: 'acme', taskId: `${obedient}`, by: 'ada' });
    await ports.clock.advance(timings.cancelPoll);
    expect(await handled).toEqual({ kept: [false, false], stillRunning: false });
    expect(await recordOf(obedient)).toMatchObject({ state: 'CANCELLED' });
    expect(ports.clock.nextTimer()).toBeNull();
  });
});
