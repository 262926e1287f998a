import { describe, expect, it, vi } from 'vitest';
import { timings } from '../lifecycle/timings.ts';
import { executeDelivery } from './execute.ts';
import { setFixtureScene } from './fixture-scene.ts';

describe('a task that takes long', () => {
  it('keeps its lease by renewing it', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(100_000);
    const running = await record(taskId);
    expect(running.state === 'STARTED' && running.leaseUntil).toBeGreaterThan(ports.clock.now() + 30_000 - 1);
    await ports.clock.advance(300_000);
    await polled;
  });

  it('is asked to stop at its soft limit and ended at its hard one', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(199_999);
    expect(runs.contexts[0]?.signal.aborted).toBe(false);
    await ports.clock.advance(1);
    expect(runs.contexts[0]?.signal.reason).toMatchObject({ name: 'SoftTimeLimitExceeded' });
    await ports.clock.advance(100_000);
    await polled;
    expect(await record(taskId)).toMatchObject({
      state: 'FAILURE',
      deadLetter: 'sent',
      error: { type: 'TimeLimitExceeded' },
    });
    expect(() => runs.contexts[0]?.progress(50, 'too late')).toThrow('is over');
  });

  it('is tried again when its function runs out of time first', async () => {
    const { ports, worker, submit, record } = setFixtureScene({ runMs: 50_000 });
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(50_000);
    await polled;
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'InvocationEnding' } });
  });

  it('gives way when another worker has taken it over', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(1000);
    const held = await record(taskId);
    if (held.state !== 'STARTED') throw new Error('not started');
    const stolen = { ...held, claim: held.claim + 1, version: held.version + 1, writer: 'another worker' };
    await ports.store.save(stolen, held, { wakeBy: null });
    await ports.clock.advance(timings.renewEvery);
    await polled;
    expect(worker.events.at(-1)).toMatchObject({ kind: 'superseded' });
    expect(runs.contexts[0]?.signal.aborted).toBe(true);
    expect(await record(taskId)).toMatchObject({ state: 'STARTED', claim: 2, writer: 'another worker' });
  });
});

describe('an attempt', () => {
  it.each(['ok', 'fail', 'permanent', 'unstorable'])('leaves no timer behind: %s', async (mode) => {
    const { ports, worker, submit } = setFixtureScene();
    await submit({ mode });
    await worker.poll();
    expect(ports.clock.nextTimer()).toBeNull();
  });

  it('ends in order whatever it throws', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    runs.onRun(() => {
      throw proxy;
    });
    const taskId = await submit({ mode: 'ok' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'object' } });
    expect(ports.clock.nextTimer()).toBeNull();
  });

  it.each([
    ['hang', 1],
    ['ok', 0],
    ['fail', 0],
  ])('tells of work that goes on after its end, and of no other: %s', async (mode, times) => {
    const { ports, runs, submit } = setFixtureScene();
    const leftRunning = vi.fn();
    const taskId = await submit({ mode });
    const body = JSON.stringify({ v: 1, taskId, epoch: 1 });
    const setup = {
      implementations: new Map([['fixture', runs.implementation]]),
      deadline: ports.clock.now() + 1000,
      logFor: () => ({
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
      }),
      observe: () => undefined,
      leftRunning,
    };
    const handled = executeDelivery(ports, setup, { queue: 'default', messageId: 'm', receipt: null, body });
    await ports.clock.advance(1000);
    await handled;
    expect(leftRunning).toHaveBeenCalledTimes(times);
  });

  it('goes on though its record cannot be read for a while', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const gate = Promise.withResolvers<void>();
    runs.onRun(() => gate.promise);
    const taskId = await submit({ mode: 'ok' });
    const polled = worker.poll();
    await ports.clock.advance(0);
    const read = vi.spyOn(ports.store, 'read').mockRejectedValue(new Error('the store is down'));
    await ports.clock.advance(3 * timings.cancelPoll);
    expect(read).toHaveBeenCalledTimes(3);
    read.mockRestore();
    gate.resolve();
    await polled;
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
  });

  it('gives way within seconds when another worker has claimed its task', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(1000);
    const held = await record(taskId);
    const stolen = { ...held, claim: held.claim + 1, version: held.version + 1, writer: 'another worker' };
    await ports.store.save(stolen, held, { wakeBy: null });
    await ports.clock.advance(timings.cancelPoll - 1000);
    await polled;
    expect(runs.contexts[0]?.signal.reason).toMatchObject({ name: 'AttemptEnded' });
    expect(worker.events.at(-1)).toMatchObject({ kind: 'superseded' });
  });
});

describe('a step that nobody waits for', () => {
  it('fails without ending the process that it shares with other tasks', async () => {
    const { runs, worker, submit, record } = setFixtureScene();
    const unhandled: unknown[] = [];
    const collect = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', collect);
    const gate = Promise.withResolvers<never>();
    runs.onRun(async ({ step }) => {
      const first = step('first', () => Promise.reject(new Error('the first broke')));
      const second = step('second', () => gate.promise);
      await first;
      await second;
    });
    const taskId = await submit({ mode: 'ok' });
    await worker.poll();
    gate.reject(new Error('the second broke'));
    await new Promise(setImmediate);
    process.off('unhandledRejection', collect);
    expect(unhandled).toEqual([]);
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { message: 'the first broke' } });
  });
});

describe('progress', () => {
  it('is written at once, then at most once a second, and its last word comes with the outcome', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const saves = vi.spyOn(ports.store, 'save');
    const gate = Promise.withResolvers<void>();
    runs.onRun(async (context) => {
      for (let percent = 10; percent <= 50; percent += 10) context.progress(percent, `at ${percent}`);
      await gate.promise;
      context.progress(90, 'nearly');
    });
    const taskId = await submit({ mode: 'ok' });
    const polled = worker.poll();
    await ports.clock.advance(0);
    expect(await record(taskId)).toMatchObject({ state: 'PROGRESS', progress: 10, status: 'at 10' });
    await ports.clock.advance(1000);
    expect(await record(taskId)).toMatchObject({ state: 'PROGRESS', progress: 50, status: 'at 50' });
    gate.resolve();
    await polled;
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', progress: 90, status: 'nearly' });
    expect(saves).toHaveBeenCalledTimes(4);
  });

  it('outside 0–100 is an error of the task', async () => {
    const { runs, worker, submit, record } = setFixtureScene();
    runs.onRun((context) => context.progress(Number.NaN, 'nowhere'));
    const taskId = await submit({ mode: 'ok' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'RangeError' } });
  });
});
