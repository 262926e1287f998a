import { v7 } from 'uuid';
import { describe, expect, it, vi } from 'vitest';
import { newRecord } from '../lifecycle/new-record.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { longestDelay } from '../ports/queue-limits.ts';
import { cancelTask } from './cancel-task.ts';
import { tasksWaitLonger } from './find-waiting.ts';
import { fixtureTask } from './fixture-task.ts';
import { retryTask } from './retry-task.ts';
import { sendHint } from './send-hint.ts';
import { setTaskScene } from './task-scene.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const asAda = (taskId: string) => ({ tenant: 'acme', taskId, by: 'ada' });

/** A world in which tasks tell when they ran, and the reconciler runs every minute. */
function setScene() {
  const ranAt: number[] = [];
  const scene = setTaskScene({
    async work() {
      ranAt.push(scene.ports.clock.now());
    },
  });
  const { ports, worker } = scene;
  const begin = ports.clock.now();
  return {
    ...scene,
    begin,
    later: (ms: number, startBy?: number) =>
      scene.submit({}, { eta: begin + ms, startBy: startBy === undefined ? null : begin + startBy }),
    /** When the tasks ran, counted from the begin. */
    ran: () => ranAt.map((at) => at - begin),
    /** Lets time pass second by second with a worker at work, and the reconciler each minute if it is not down. */
    async pass(ms: number, { reconciled = true } = {}) {
      for (let second = 1; second <= ms / 1000; second++) {
        await ports.clock.advance(1000);
        if (reconciled && second % 60 === 0) await scene.reconcile();
        await worker.poll();
      }
    },
  };
}

describe('a task for later', () => {
  it('that is near is brought by its own delayed message, and needs no reconciler', async () => {
    const { ports, later, pass, ran, record } = setScene();
    const taskId = await later(90_000);
    expect(await record(taskId)).toMatchObject({ state: 'SCHEDULED', wokenBy: 'message' });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    await pass(3 * minute, { reconciled: false });
    expect(ran()).toEqual([90_000]);
  });

  it('that is far has no message until minutes before its time, and runs on the second', async () => {
    const { ports, later, pass, ran, record } = setScene();
    const taskId = await later(20 * minute);
    expect(await record(taskId)).toMatchObject({ state: 'SCHEDULED', wokenBy: 'reconciler' });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    await pass(14 * minute);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    await pass(2 * minute);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    await pass(10 * minute);
    expect(ran()).toEqual([20 * minute]);
  });

  it('runs within two minutes of its time when its message was lost', async () => {
    const { ports, later, pass, ran } = setScene();
    vi.spyOn(ports.queue, 'send').mockResolvedValueOnce();
    await later(90_000);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    await pass(4 * minute);
    expect(ran()).toEqual([120_000]);
  });

  it('runs once though a message comes early, and others come late', async () => {
    const { later, pass, ran, nudge, worker, ports } = setScene();
    const taskId = await later(90_000);
    await nudge(taskId);
    await worker.poll();
    expect(worker.events).toMatchObject([{ kind: 'refused', reason: 'not-due' }]);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 2 });
    await pass(2 * minute);
    await nudge(taskId);
    await pass(minute);
    expect(ran()).toEqual([90_000]);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('lets a message go that comes hours early: the reconciler sends another', async () => {
    const { later, pass, ran, nudge, worker, ports } = setScene();
    await nudge(await later(20 * minute));
    await worker.poll();
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    await pass(21 * minute);
    expect(ran()).toEqual([20 * minute]);
  });

  it('whose time is over runs at once', async () => {
    const { later, worker, ran } = setScene();
    await later(-5 * minute);
    await worker.poll();
    expect(ran()).toEqual([0]);
  });

  it.each([minute, 30 * day])('can be cancelled %i ms ahead, and never runs then', async (ms) => {
    const { later, pass, ran, ports, record, nudge } = setScene();
    const taskId = await later(ms);
    expect(await cancelTask(ports, asAda(taskId))).toMatchObject({ kind: 'requested' });
    expect(await record(taskId)).toMatchObject({ state: 'CANCELLED', startedAt: null, wakeAt: null });
    await nudge(taskId);
    await pass(3 * minute);
    expect(ran()).toEqual([]);
  });

  it('cannot be retried while it waits; once cancelled it runs again, at once', async () => {
    const { later, pass, ran, ports, record } = setScene();
    const taskId = await later(day);
    expect(await retryTask(ports, asAda(taskId))).toMatchObject({ kind: 'refused', reason: 'unfinished' });
    await cancelTask(ports, asAda(taskId));
    expect(await retryTask(ports, asAda(taskId))).toMatchObject({ kind: 'accepted' });
    await pass(1000);
    expect(ran()).toEqual([1000]);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2 });
  });
});

describe('a task that must have started by a time', () => {
  it('ends Expired by the reconciler when no worker came, and leaves no letter', async () => {
    const { submit, begin, ports, reconcile, record, worker, ran } = setScene();
    const taskId = await submit({}, { startBy: begin + 45_000 });
    await ports.clock.advance(44_999);
    expect((await reconcile()).counts).toMatchObject({ expired: 0, 'hint-sent': 1 });
    await ports.clock.advance(1);
    expect((await reconcile()).counts).toMatchObject({ expired: 1, 'hint-sent': 0 });
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'Expired' }, attempts: 0 });
    expect((await reconcile()).counts).toMatchObject({ expired: 0 });
    await worker.poll();
    expect(ran()).toEqual([]);
    expect(ports.queue.deadLetters('default')).toEqual([]);
  });

  it('ends Expired by the message that comes too late, if that is first', async () => {
    const { submit, begin, ports, record, worker, ran } = setScene();
    const taskId = await submit({}, { startBy: begin + 45_000 });
    await ports.clock.advance(45_000);
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'Expired' } });
    expect(worker.events).toMatchObject([{ kind: 'ended', durationMs: 0 }]);
    expect(ran()).toEqual([]);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it.each([
    ['far', 30 * day, 30 * day + 1000],
    ['near', minute, minute + 1],
  ])('runs when it comes in time: %s', async (_, eta, startBy) => {
    const { later, ports, reconcile, worker, record } = setScene();
    const taskId = await later(eta, startBy);
    await ports.clock.advance(eta - timings.lookAhead > 0 ? eta - timings.lookAhead : 0);
    await reconcile();
    await ports.clock.advance(Math.min(eta, timings.lookAhead));
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
  });

  it('is left alone by a reconciler when it was cancelled at that very moment', async () => {
    const { submit, begin, ports, reconcile, record } = setScene();
    const taskId = await submit({}, { startBy: begin + 45_000 });
    await ports.clock.advance(45_000);
    const { save } = ports.store;
    vi.spyOn(ports.store, 'save').mockImplementationOnce(async (...args) => {
      await cancelTask(ports, asAda(taskId));
      return save(...args);
    });
    expect((await reconcile()).counts).toMatchObject({ expired: 0, 'left-alone': 1 });
    expect(await record(taskId)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is not expired by a reconciler that another worker came before', async () => {
    const { submit, begin, ports, reconcile, record, worker } = setScene();
    const taskId = await submit({}, { startBy: begin + 45_000 });
    await ports.clock.advance(44_999);
    const { save } = ports.store;
    vi.spyOn(ports.store, 'save').mockImplementationOnce(async (...args) => {
      // The claim was decided a moment before the time, and is stored a moment after it.
      await ports.clock.advance(1);
      const saved = await save(...args);
      expect((await reconcile()).counts).toMatchObject({ expired: 0 });
      return saved;
    });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
  });
});

describe('the hint for a task', () => {
  it.each([
    ['due now', 0, 0],
    ['due in a moment', 1, 1],
    ['due in a minute and a bit', 60_001, 61],
    ['as late as a queue can carry', timings.visibilityLimit, longestDelay],
    ['later than that', day, longestDelay],
  ])('%s is delayed until its time, in whole seconds', async (_, ms, delaySeconds) => {
    const ports = createMemoryPorts();
    const send = vi.spyOn(ports.queue, 'send');
    const now = ports.clock.now();
    const task = {
      taskId: 't1',
      writer: 'w1',
      tenant: 'acme',
      priority: 'normal',
      tags: [],
      input: { kind: 'inline', json: 'null' },
      ...{
        digest: null,
        correlationId: null,
        uniqueKey: null,
        concurrencyKey: null,
        startBy: null,
        eta: now + ms,
      },
    } as const;
    const record = newRecord(fixtureTask, task, now);
    expect(await sendHint(ports, record)).toBeNull();
    const message = { v: 1, taskId: 't1', epoch: 1 };
    expect(send.mock.calls).toEqual([['default', message, { delaySeconds, group: 'acme' }]]);
    await ports.clock.advance(2 * day);
    await sendHint(ports, record);
    expect(send).toHaveBeenLastCalledWith('default', message, { delaySeconds: 0, group: 'acme' });
  });
});

describe('tasks that wait too long', () => {
  it('are not those that wait for their time, but those that are overdue', async () => {
    const { ports: memory, submit, begin } = setScene();
    const ports = { ...memory, newId: () => v7({ msecs: memory.clock.now() }) };
    await submit({}, { taskId: ports.newId(), eta: begin + 60 * minute });
    const waits = () => tasksWaitLonger(ports, 5 * minute);
    await memory.clock.advance(65 * minute);
    expect(await waits()).toBe(false);
    await memory.clock.advance(1);
    expect(await waits()).toBe(true);
  });
});
