import { describe, expect, it, vi } from 'vitest';
import { timings } from '../lifecycle/timings.ts';
import type { MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { setFixtureScene } from './fixture-scene.ts';
import { fixtureTask } from './fixture-task.ts';
import { type ReconcileReport, reconcile } from './reconcile.ts';
import { saveTransition } from './save-transition.ts';
import { submit } from './submit.ts';

function setScene() {
  const scene = setFixtureScene();
  return {
    ...scene,
    run: (options: { deadline?: number; pageSize?: number } = {}): Promise<ReconcileReport> =>
      reconcile(scene.ports, { deadline: scene.ports.clock.now() + 40_000, ...options }),
  };
}

/** Loses everything that the queue holds. */
function loseMessages(queue: MemoryPorts['queue']): void {
  for (const delivery of queue.receive('default')) queue.remove(delivery);
}

describe('reconcile', () => {
  it('leaves a task alone for its first 30 seconds, then mends a lost send', async () => {
    const { ports, worker, run, submit, record } = setScene();
    const taskId = await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook - 1);
    expect((await run()).counts['hint-sent']).toBe(0);
    await ports.clock.advance(1);
    expect((await run()).counts['hint-sent']).toBe(1);
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
  });

  it('mends a send that failed at submit', async () => {
    const { ports, worker, run, record } = setScene();
    const send = vi.spyOn(ports.queue, 'send').mockRejectedValueOnce(new Error('the queue is down'));
    const accepted = await submit(ports, { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme' });
    expect(accepted.sendError).toMatchObject({ message: 'the queue is down' });
    expect(send).toHaveBeenCalledOnce();
    await ports.clock.advance(timings.firstLook);
    await run();
    await worker.poll();
    expect(await record(accepted.record.taskId)).toMatchObject({ state: 'SUCCESS' });
  });

  it('wakes a task whose worker died, once its lease is over', async () => {
    const { ports, runs, run, submit, record } = setScene();
    const taskId = await submit({ mode: 'hang' });
    ports.queue.receive('default', { visibilitySeconds: 1980 });
    await claimAndDie(ports, taskId);
    const diedAt = ports.clock.now();
    const survivor = createMemoryWorker(ports, [{ ...runs.implementation, run: async () => 'survived' }]);
    while ((await record(taskId)).state === 'STARTED') {
      await ports.clock.advance(60_000);
      await run();
      await survivor.poll();
    }
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', lost: 1, attempts: 1, claim: 2 });
    expect(ports.clock.now() - diedAt).toBeLessThanOrEqual(180_000);
  });

  it('sends a retry whose delay was too long for a message', async () => {
    const { ports, runs, worker, run, submit } = setScene();
    await submit({ mode: 'retry-after', seconds: 3600 });
    await worker.poll();
    for (let minute = 0; minute < 59; minute++) {
      await ports.clock.advance(60_000);
      await run();
      await worker.poll();
    }
    expect(runs.contexts).toHaveLength(1);
    await ports.clock.advance(60_000);
    await run();
    await worker.poll();
    expect(runs.contexts).toHaveLength(2);
  });

  it('pays a dead letter that is owed', async () => {
    const { ports, worker, run, submit, record } = setScene();
    const taskId = await submit({ mode: 'fail' });
    vi.spyOn(ports.queue, 'sendDead').mockRejectedValueOnce(new Error('the queue is down'));
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    expect(await record(taskId)).toMatchObject({ deadLetter: 'owed' });
    expect((await run()).counts['letter-sent']).toBe(1);
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', deadLetter: 'sent' });
    expect(ports.queue.deadLetters('default')).toHaveLength(1);
    await ports.clock.advance(timings.resendCap);
    expect((await run()).counts['letter-sent']).toBe(0);
  });

  it('sends once for a record though two runs overlap', async () => {
    const { ports, run, submit } = setScene();
    for (let task = 0; task < 5; task++) await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    const [one, other] = await Promise.all([run(), run()]);
    expect(one.counts['hint-sent'] + other.counts['hint-sent']).toBe(5);
    expect(ports.queue.depth('default').visible).toBe(5);
  });

  it('sends nothing for a task that a worker claims between its look and its move', async () => {
    const { ports, run, submit, record } = setScene();
    const taskId = await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    const { moveWake } = ports.store;
    vi.spyOn(ports.store, 'moveWake').mockImplementationOnce(async (...args) => {
      await claimAndDie(ports, taskId);
      return moveWake(...args);
    });
    expect((await run()).counts).toMatchObject({ 'left-alone': 1, 'hint-sent': 0 });
    expect(ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
    expect(await record(taskId)).toMatchObject({ state: 'STARTED', resent: null });
  });

  it('that moves its look while a worker claims leaves the task with one in time', async () => {
    const { ports, run, submit, record } = setScene();
    const taskId = await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    const { save } = ports.store;
    vi.spyOn(ports.store, 'save').mockImplementationOnce(async (...args) => {
      expect((await run()).counts).toMatchObject({ 'hint-sent': 1 });
      return save(...args);
    });
    await claimAndDie(ports, taskId);
    // The reconciler meant to look again in a minute; a worker that dies must be noticed sooner.
    const wakeAt = ports.clock.now() + timings.lease + timings.afterLease;
    expect(await record(taskId)).toMatchObject({ state: 'STARTED', wakeAt, resent: { count: 1 } });
  });

  it('sends all the same when the reply to its move was lost, and once', async () => {
    const { ports, run, submit } = setScene();
    await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    const { moveWake } = ports.store;
    vi.spyOn(ports.store, 'moveWake').mockImplementation(async (...args) => {
      await moveWake(...args);
      return moveWake(...args);
    });
    const [one, other] = await Promise.all([run(), run()]);
    expect(one.counts['hint-sent'] + other.counts['hint-sent']).toBe(1);
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('goes through all pages, and stops at its deadline without losing anything', async () => {
    const { ports, run, submit } = setScene();
    for (let task = 0; task < 30; task++) await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    loseMessages(ports.queue);
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    const late = await run({ deadline: ports.clock.now() });
    expect(late).toMatchObject({ complete: false, counts: { 'hint-sent': 0 } });
    const report = await run({ pageSize: 2 });
    expect(report).toMatchObject({ complete: true, counts: { 'hint-sent': 30 } });
  });

  it('goes on past a record that it cannot handle, and tells of it', async () => {
    const { ports, submit } = setScene();
    for (let task = 0; task < 5; task++) await submit({ mode: 'ok' });
    loseMessages(ports.queue);
    await ports.clock.advance(timings.firstLook);
    vi.spyOn(ports.queue, 'send').mockRejectedValueOnce(new Error('throttled'));
    const seen: unknown[] = [];
    const options = { deadline: ports.clock.now() + 1, observe: (event: unknown) => void seen.push(event) };
    const report = await reconcile(ports, options);
    expect(report.counts).toMatchObject({ 'hint-sent': 4, failed: 1 });
    expect(seen).toContainEqual({ taskId: expect.any(String), outcome: 'failed', error: expect.any(Error) });
  });
});

/** What a worker leaves behind that dies right after its claim. */
async function claimAndDie(ports: MemoryPorts, taskId: string): Promise<void> {
  const record = await ports.store.read(taskId);
  if (!record) throw new Error(`no record of ${taskId}`);
  await saveTransition(ports, record, { kind: 'claim', epoch: 1 });
  expect(await ports.store.read(taskId)).toMatchObject({ state: 'STARTED' });
}
