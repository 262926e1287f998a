import { describe, expect, it, vi } from 'vitest';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { executeDelivery } from './execute.ts';
import { type FixtureScene, setFixtureScene } from './fixture-scene.ts';
import { reconcile } from './reconcile.ts';
import type { WorkerSetup } from './worker-setup.ts';

describe('a task that works', () => {
  it('goes PENDING → STARTED → SUCCESS and its message is deleted', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'ok' });
    expect(await worker.poll()).toBe(1);
    const done = await record(taskId);
    expect(done).toMatchObject({
      state: 'SUCCESS',
      result: { json: '{"ok":true}' },
      attempts: 1,
      wakeAt: null,
    });
    expect(done.timeline.map((entry) => entry.state)).toEqual(['PENDING', 'STARTED', 'SUCCESS']);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('keeps a large result beside the record, under its epoch and claim', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'large' });
    await worker.poll();
    const key = `payloads/${taskId}/1/1/result.json`;
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', result: { kind: 'stored', key } });
    expect(await ports.payloads.get(key)).toContain('xxxx');
  });

  it('runs once though its message came twice', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'ok' });
    await ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    expect(await worker.poll()).toBe(2);
    expect(runs.contexts).toHaveLength(1);
    expect(worker.events.filter((event) => event.kind === 'refused')).toMatchObject([{ reason: 'held' }]);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', claim: 1 });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });
});

describe('a task that fails', () => {
  it('is tried again by visibility until its retries are used up, then leaves a dead letter', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { message: 'the fixture failed' } });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    await ports.clock.advance(59_000);
    expect(await worker.poll()).toBe(0);
    await ports.clock.advance(1000);
    expect(await worker.poll()).toBe(1);
    await ports.clock.advance(60_000);
    await worker.poll();
    expect(runs.contexts.map((context) => context.attempt)).toEqual([1, 2, 3]);
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 3, deadLetter: 'sent' });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    const letters = ports.queue.deadLetters('default').map((letter) => JSON.parse(letter.body));
    expect(letters).toMatchObject([{ taskId, epoch: 2, dead: true, error: { type: 'Error' } }]);
  });

  it('runs again in a new epoch when its dead letter is moved back to the queue', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    ports.queue.redriveDeadLetters('default');
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', epoch: 2, attempts: 1 });
  });

  it('opens one epoch though its dead letter came twice, and runs it once', async () => {
    const { ports, runs, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    const [letter] = ports.queue.deadLetters('default');
    for (let copy = 0; copy < 2; copy++) ports.queue.sendRaw('default', letter?.body ?? '');
    await worker.poll();
    expect(runs.contexts).toHaveLength(4);
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', epoch: 2, attempts: 1, claim: 4 });
    expect(worker.events.filter(({ kind }) => kind === 'refused')).toMatchObject([{ reason: 'held' }]);
    expect(worker.faults).toEqual([]);
  });

  it('is claimed by its dead letter when that comes again after a fault in between', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    ports.queue.redriveDeadLetters('default');
    const { save } = ports.store;
    let saves = 0;
    const spy = vi.spyOn(ports.store, 'save').mockImplementation(async (...args) => {
      if (++saves > 1) throw new Error('the store is down');
      return save(...args);
    });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'PENDING', epoch: 2, attempts: 0 });
    expect(worker.faults).toMatchObject([{ message: 'the store is down' }]);
    spy.mockRestore();
    await ports.clock.advance(30_000);
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', epoch: 2, attempts: 1 });
  });

  it('for good ends at once and leaves no dead letter', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 1, deadLetter: 'none' });
    expect(ports.queue.deadLetters('default')).toEqual([]);
  });

  it('by a result that JSON cannot carry ends at once', async () => {
    const { worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'unstorable' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'NotJson' } });
  });

  it('waits as long as its error wishes; over 15 minutes without a message', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'retry-after', seconds: 3600 });
    await worker.poll();
    const waiting = await record(taskId);
    expect(waiting).toMatchObject({ state: 'RETRY', wokenBy: 'reconciler' });
    expect(waiting.state === 'RETRY' && waiting.nextAttemptAt - ports.clock.now()).toBe(3_600_000);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('waits for its time though a second message comes too early', async () => {
    const { ports, runs, worker, submit } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    await worker.poll();
    await ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    await worker.poll();
    expect(runs.contexts).toHaveLength(1);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 2 });
  });

  it('lets a second message go when the reconciler will send one at its time', async () => {
    const { ports, runs, worker, submit } = setFixtureScene();
    const taskId = await submit({ mode: 'retry-after', seconds: 86_400 });
    await worker.poll();
    await ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    await worker.poll();
    expect(runs.contexts).toHaveLength(1);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('because no worker knows it is tried again, and ends with a dead letter', async () => {
    const { ports, submit, record } = setFixtureScene();
    const stranger = createMemoryWorker(ports, []);
    const taskId = await submit({ mode: 'ok' });
    await stranger.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'UnknownTask' } });
  });
});

describe('a message', () => {
  it.each([
    ['that is not JSON', 'hello', 'the body is not JSON'],
    ['of another shape', '{"v":2}', 'taskId'],
    ['without a record', '{"v":1,"taskId":"nobody","epoch":1}', 'there is no record of task nobody'],
  ])('%s ends in the dead-letter queue with the reason', async (_, body, reason) => {
    const { ports, worker } = setFixtureScene();
    ports.queue.sendRaw('default', body);
    await worker.poll();
    const [letter] = ports.queue.deadLetters('default');
    expect(letter?.body).toBe(body);
    expect(letter?.attributes['reason']).toContain(reason);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('is kept when the store fails, and works later', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'ok' });
    const { read } = ports.store;
    Object.assign(ports.store, { read: () => Promise.reject(new Error('the store is down')) });
    await worker.poll();
    expect(worker.faults).toMatchObject([{ message: 'the store is down' }]);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    Object.assign(ports.store, { read });
    await ports.clock.advance(1_980_000);
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
  });
});

describe('a message that no queue holds', () => {
  const direct = (taskId: string) =>
    ({
      queue: 'default',
      messageId: taskId,
      receipt: null,
      body: `{"v":1,"taskId":"${taskId}","epoch":1}`,
    }) as const;
  const setup = ({ runs }: FixtureScene): WorkerSetup => ({
    implementations: new Map([['fixture', runs.implementation]]),
    deadline: Number.POSITIVE_INFINITY,
    logFor: () => ({
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    }),
    observe: () => undefined,
  });

  it('is not put back for a retry: the reconciler wakes the task at its time', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'fail' });
    expect(await executeDelivery(scene.ports, setup(scene), direct(taskId))).toEqual({ kind: 'delete' });
    const waiting = await scene.record(taskId);
    expect(waiting).toMatchObject({ state: 'RETRY', wokenBy: 'reconciler' });
    scene.ports.queue.receive('default', { visibilitySeconds: 43_200 });
    await scene.ports.clock.advance(60_000);
    await reconcile(scene.ports, { deadline: Number.POSITIVE_INFINITY });
    expect(await scene.worker.poll()).toBe(1);
    expect(await scene.record(taskId)).toMatchObject({ state: 'RETRY', attempts: 2, wokenBy: 'visibility' });
  });

  it('is let go when it comes too early', async () => {
    const scene = setFixtureScene();
    const taskId = await scene.submit({ mode: 'fail' });
    await scene.worker.poll();
    expect(await executeDelivery(scene.ports, setup(scene), direct(taskId))).toEqual({ kind: 'delete' });
    expect(scene.runs.contexts).toHaveLength(1);
  });
});

describe('a dead letter that cannot be sent', () => {
  it('stays owed and is told, and the message goes', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    Object.assign(ports.queue, { sendDead: () => Promise.reject(new Error('the queue is down')) });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', deadLetter: 'owed' });
    expect(worker.events.at(-1)).toMatchObject({
      kind: 'letter-owed',
      error: { message: 'the queue is down' },
    });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });
});
