import { describe, expect, it, vi } from 'vitest';
import type { TaskRecord } from '../lifecycle/task-record.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker, type MemoryWorker } from '../memory/memory-worker.ts';
import { executeDelivery } from './execute.ts';
import { createFixtureRuns, type FixtureRuns, fixtureTask } from './fixture-task.ts';
import { reconcile } from './reconcile.ts';
import { submit } from './submit.ts';
import type { WorkerSetup } from './worker-setup.ts';

interface Scene {
  readonly ports: MemoryPorts;
  readonly runs: FixtureRuns;
  readonly worker: MemoryWorker;
  submit(input: unknown): Promise<string>;
  record(taskId: string): Promise<TaskRecord>;
}

function setScene(options: { runMs?: number } = {}): Scene {
  const ports = createMemoryPorts();
  const runs = createFixtureRuns();
  return {
    ports,
    runs,
    worker: createMemoryWorker(ports, [runs.implementation], options),
    async submit(input) {
      const { record } = await submit(ports, { spec: fixtureTask, input, tenant: 'acme' });
      return record.taskId;
    },
    async record(taskId) {
      const record = await ports.store.read(taskId);
      if (!record) throw new Error(`no record of ${taskId}`);
      return record;
    },
  };
}

describe('a task that works', () => {
  it('goes PENDING → STARTED → SUCCESS and its message is deleted', async () => {
    const { ports, worker, submit, record } = setScene();
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
    const { ports, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'large' });
    await worker.poll();
    const key = `payloads/${taskId}/1/1/result.json`;
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', result: { kind: 'stored', key } });
    expect(await ports.payloads.get(key)).toContain('xxxx');
  });

  it('runs once though its message came twice', async () => {
    const { ports, runs, worker, submit, record } = setScene();
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
    const { ports, runs, worker, submit, record } = setScene();
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
    const { ports, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'fail' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    ports.queue.redriveDeadLetters('default');
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', epoch: 2, attempts: 1 });
  });

  it('for good ends at once and leaves no dead letter', async () => {
    const { ports, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', attempts: 1, deadLetter: 'none' });
    expect(ports.queue.deadLetters('default')).toEqual([]);
  });

  it('by a result that JSON cannot carry ends at once', async () => {
    const { worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'unstorable' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', error: { type: 'NotJson' } });
  });

  it('waits as long as its error wishes; over 15 minutes without a message', async () => {
    const { ports, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'retry-after', seconds: 3600 });
    await worker.poll();
    const waiting = await record(taskId);
    expect(waiting).toMatchObject({ state: 'RETRY', wokenBy: 'reconciler' });
    expect(waiting.state === 'RETRY' && waiting.nextAttemptAt - ports.clock.now()).toBe(3_600_000);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('waits for its time though a second message comes too early', async () => {
    const { ports, runs, worker, submit } = setScene();
    const taskId = await submit({ mode: 'fail' });
    await worker.poll();
    await ports.queue.send('default', { v: 1, taskId, epoch: 1 }, { delaySeconds: 0, group: 'acme' });
    await worker.poll();
    expect(runs.contexts).toHaveLength(1);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 2 });
  });

  it('because no worker knows it is tried again, and ends with a dead letter', async () => {
    const { ports, submit, record } = setScene();
    const stranger = createMemoryWorker(ports, []);
    const taskId = await submit({ mode: 'ok' });
    await stranger.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'UnknownTask' } });
  });
});

describe('a task that takes long', () => {
  it('keeps its lease by renewing it', async () => {
    const { ports, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(100_000);
    const running = await record(taskId);
    expect(running.state === 'STARTED' && running.leaseUntil).toBeGreaterThan(ports.clock.now() + 30_000 - 1);
    await ports.clock.advance(300_000);
    await polled;
  });

  it('is asked to stop at its soft limit and ended at its hard one', async () => {
    const { ports, runs, worker, submit, record } = setScene();
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
    const { ports, worker, submit, record } = setScene({ runMs: 50_000 });
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(50_000);
    await polled;
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'InvocationEnding' } });
  });

  it('gives way when another worker has taken it over', async () => {
    const { ports, runs, worker, submit, record } = setScene();
    const taskId = await submit({ mode: 'hang' });
    const polled = worker.poll();
    await ports.clock.advance(1000);
    const held = await record(taskId);
    if (held.state !== 'STARTED') throw new Error('not started');
    const stolen = { ...held, claim: held.claim + 1, version: held.version + 1, writer: 'another worker' };
    await ports.store.save(stolen, held);
    await ports.clock.advance(timings.renewEvery);
    await polled;
    expect(worker.events.at(-1)).toMatchObject({ kind: 'superseded' });
    expect(runs.contexts[0]?.signal.aborted).toBe(true);
    expect(await record(taskId)).toMatchObject({ state: 'STARTED', claim: 2, writer: 'another worker' });
  });
});

describe('progress', () => {
  it('is written at once, then at most once a second, and its last word comes with the outcome', async () => {
    const { ports, runs, worker, submit, record } = setScene();
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
    const { runs, worker, submit, record } = setScene();
    runs.onRun((context) => context.progress(Number.NaN, 'nowhere'));
    const taskId = await submit({ mode: 'ok' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'RETRY', error: { type: 'RangeError' } });
  });
});

describe('a message', () => {
  it.each([
    ['that is not JSON', 'hello', 'the body is not JSON'],
    ['of another shape', '{"v":2}', 'taskId'],
    ['without a record', '{"v":1,"taskId":"nobody","epoch":1}', 'there is no record of task nobody'],
  ])('%s ends in the dead-letter queue with the reason', async (_, body, reason) => {
    const { ports, worker } = setScene();
    ports.queue.sendRaw('default', body);
    await worker.poll();
    const [letter] = ports.queue.deadLetters('default');
    expect(letter?.body).toBe(body);
    expect(letter?.attributes['reason']).toContain(reason);
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('is kept when the store fails, and works later', async () => {
    const { ports, worker, submit, record } = setScene();
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
  const setup = ({ runs }: Scene): WorkerSetup => ({
    implementations: new Map([['fixture', runs.implementation]]),
    deadline: Number.POSITIVE_INFINITY,
    logFor: () => ({ info: () => undefined, warn: () => undefined, error: () => undefined }),
    observe: () => undefined,
  });

  it('is not put back for a retry: the reconciler wakes the task at its time', async () => {
    const scene = setScene();
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
    const scene = setScene();
    const taskId = await scene.submit({ mode: 'fail' });
    await scene.worker.poll();
    expect(await executeDelivery(scene.ports, setup(scene), direct(taskId))).toEqual({ kind: 'delete' });
    expect(scene.runs.contexts).toHaveLength(1);
  });
});

describe('a dead letter that cannot be sent', () => {
  it('stays owed and is told, and the message goes', async () => {
    const { ports, worker, submit, record } = setScene();
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
