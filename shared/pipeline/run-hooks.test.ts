import { describe, expect, it } from 'vitest';
import { recordIn } from '../contracts/record-fixtures.ts';
import { fixed } from '../lifecycle/backoff.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';
import { type HookContext, implement, type TaskHooks } from '../tasks/implement-task.ts';
import { PermanentError } from '../tasks/task-errors.ts';
import { cancelTask } from './cancel-task.ts';
import { fixtureTask } from './fixture-task.ts';
import { runHooks } from './run-hooks.ts';
import { catchStrayRejections } from './stray-rejections.ts';
import { setTaskScene } from './task-scene.ts';

type HookName = 'onSuccess' | 'onFailure' | 'onRetry';

/** A task whose attempts do, in order, what `works` say, and whose hooks note what they were told and what was recorded. */
function setHookedScene(
  works: readonly (() => Promise<unknown>)[],
  changes: Partial<TaskHooks<unknown>> = {},
) {
  const told: unknown[] = [];
  let attempts = 0;
  const note =
    (name: HookName) =>
    async (outcome: unknown, { taskId, attempt }: HookContext) => {
      const { state } = await scene.record(taskId);
      told.push({ name, outcome, attempt, state });
    };
  const scene = setTaskScene({
    definition: { retry: { max: 1, delay: fixed(60) } },
    work: async () => works[Math.min(++attempts, works.length) - 1]?.(),
    hooks: {
      ...{ onSuccess: note('onSuccess'), onFailure: note('onFailure'), onRetry: note('onRetry') },
      ...changes,
    },
  });
  return { ...scene, told };
}

const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const ok = async () => ({ tiles: 3 });
const broken = () => Promise.reject(new Error('the upstream is down'));

describe('after an outcome is recorded', () => {
  it('onSuccess is told the result', async () => {
    const { submit, poll, told } = setHookedScene([ok]);
    await submit();
    await poll();
    expect(told).toEqual([{ name: 'onSuccess', outcome: { tiles: 3 }, attempt: 1, state: 'SUCCESS' }]);
  });

  it('onRetry is told the error of each attempt that is followed by another, onFailure that of the last', async () => {
    const { submit, poll, told, ports } = setHookedScene([broken]);
    await submit();
    await poll();
    const outcome = { type: 'Error', message: 'the upstream is down' };
    expect(told).toMatchObject([{ name: 'onRetry', outcome, attempt: 1, state: 'RETRY' }]);
    await ports.clock.advance(60_000);
    await poll();
    expect(told.slice(1)).toMatchObject([{ name: 'onFailure', outcome, attempt: 2, state: 'FAILURE' }]);
  });

  it('onFailure is told of an error that no retry can mend', async () => {
    const { submit, poll, told } = setHookedScene([() => Promise.reject(new PermanentError('no such item'))]);
    await submit();
    await poll();
    expect(told).toMatchObject([{ name: 'onFailure', outcome: { type: 'PermanentError' }, attempt: 1 }]);
  });

  it('onFailure is told by the worker that finds it: of the third lost worker, and of a task that expired', async () => {
    const lost = setHookedScene([() => new Promise(() => undefined)]);
    const taskId = await lost.submit();
    for (let workers = 0; workers < timings.lostWorkers; workers++) {
      void lost.newWorker({ ...lost.ports, clock: createVirtualClock(lost.ports.clock.now()) }).poll();
      await lost.ports.clock.advance(timings.lease);
      await lost.nudge(taskId);
    }
    await lost.poll();
    expect(lost.told).toMatchObject([{ name: 'onFailure', outcome: { type: 'WorkerLost' } }]);

    const late = setHookedScene([ok]);
    await late.submit({}, { startBy: late.ports.clock.now() + 1000 });
    await late.ports.clock.advance(1000);
    await late.poll();
    expect(late.told).toMatchObject([{ name: 'onFailure', outcome: { type: 'Expired' }, attempt: 0 }]);
  });

  it('nothing is told of a cancelled task', async () => {
    const { submit, poll, told, ports, worker, record } = setHookedScene([
      () => new Promise((resolve) => void ports.clock.after(30_000, () => resolve('stopped'))),
    ]);
    const waiting = await submit();
    await cancelTask(ports, { tenant: 'acme', taskId: waiting, by: 'ada' });
    const running = await submit();
    const polled = worker.poll();
    await ports.clock.advance(1000);
    await cancelTask(ports, { tenant: 'acme', taskId: running, by: 'ada' });
    await ports.clock.advance(30_000);
    await polled;
    await poll();
    expect(await record(running)).toMatchObject({ state: 'CANCELLED' });
    expect(told).toEqual([]);
  });

  it('nothing is told by an attempt that another worker has taken over', async () => {
    const gate = Promise.withResolvers<unknown>();
    const { submit, told, newWorker, worker, ports, nudge } = setHookedScene([() => gate.promise, ok]);
    const taskId = await submit();
    const slow = newWorker({ ...ports, clock: createVirtualClock(ports.clock.now()) });
    const polled = slow.poll();
    await ports.clock.advance(timings.lease);
    await nudge(taskId);
    await worker.poll();
    gate.resolve('late');
    await polled;
    expect(slow.events.at(-1)).toMatchObject({ kind: 'superseded' });
    expect(told).toMatchObject([{ name: 'onSuccess', outcome: { tiles: 3 } }]);
  });
});

describe('a hook', () => {
  const throwsAtOnce = () => {
    throw new TypeError('no such channel');
  };
  it.each<[string, TaskHooks<unknown>['onSuccess'], string]>([
    ['rejects', () => Promise.reject(new TypeError('no such channel')), 'TypeError'],
    ['throws', throwsAtOnce, 'TypeError'],
    ['hangs', () => new Promise(() => undefined), 'HookTimedOut'],
  ])('that %s is told to the observer, and nothing else', async (_, onSuccess, name) => {
    const { submit, poll, record, worker, ports } = setHookedScene([ok], onSuccess ? { onSuccess } : {});
    const taskId = await submit();
    const before = ports.clock.now();
    await poll();
    const saved = await record(taskId);
    expect(saved).toMatchObject({ state: 'SUCCESS', result: { json: '{"tiles":3}' }, attempts: 1 });
    expect(worker.events.at(-1)).toMatchObject({ kind: 'hook-failed', error: { name } });
    expect(worker.faults).toEqual([]);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    expect(ports.clock.now() - before).toBeLessThanOrEqual(timings.hookLimit + 1000);
    expect(ports.clock.nextTimer()).toBeNull();
  });

  it('that takes too long is asked to stop', async () => {
    let signal: AbortSignal | undefined;
    const { submit, worker, ports, until } = setHookedScene([ok], {
      onSuccess(_, context) {
        signal = context.signal;
        return new Promise(() => undefined);
      },
    });
    await submit();
    const polled = worker.poll();
    await ports.clock.advance(timings.hookLimit - 1);
    expect(signal?.aborted).toBe(false);
    await until(polled);
    expect(signal?.reason).toMatchObject({ name: 'HookTimedOut', message: 'the hook took longer than 5 s' });
  });

  it('that goes on after its time is told to the runtime, which must not live on with it', async () => {
    const ports = createMemoryPorts();
    const left: unknown[] = [];
    const setup = {
      implementations: new Map(),
      deadline: Number.POSITIVE_INFINITY,
      logFor: () => silentLog,
      observe: () => undefined,
      leftRunning: (work: Promise<unknown>) => void left.push(work),
    };
    const delivery = { queue: 'default', messageId: 'm', receipt: null, body: '' } as const;
    const implementation = implement(fixtureTask, async () => null, {
      onSuccess: () => new Promise(() => undefined),
    });
    const done = runHooks({ ports, setup, delivery }, implementation, recordIn('SUCCESS'), null);
    await ports.clock.advance(timings.hookLimit - 1);
    expect(left).toEqual([]);
    await ports.clock.advance(1);
    await done;
    expect(left).toHaveLength(1);
  });

  it('is not run again when its message comes again', async () => {
    const { submit, poll, nudge, told } = setHookedScene([ok]);
    const taskId = await submit();
    await nudge(taskId);
    await poll();
    await nudge(taskId);
    await poll();
    expect(told).toHaveLength(1);
  });

  it('that leaves a promise behind which is rejected does not end the process that it shares with others', async () => {
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const undo = catchStrayRejections();
    const { submit, poll, worker } = setHookedScene([ok], {
      async onSuccess() {
        void Promise.reject(new Error('nobody waits for me'));
      },
    });
    await submit();
    await poll();
    undo();
    for (const listener of before) process.on('unhandledRejection', listener);
    expect(worker.events.at(-1)).toMatchObject({
      kind: 'hook-failed',
      error: { message: 'nobody waits for me' },
    });
  });

  it('may be left out', async () => {
    const scene = setTaskScene({ work: broken });
    const taskId = await scene.submit();
    await scene.poll();
    expect(await scene.record(taskId)).toMatchObject({ state: 'RETRY' });
    expect(scene.worker.events.map(({ kind }) => kind)).toEqual(['started', 'ended']);
  });
});
