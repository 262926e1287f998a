import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fixed } from '../lifecycle/backoff.ts';
import { timings } from '../lifecycle/timings.ts';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement, type TaskContext } from '../tasks/implement-task.ts';
import { PermanentError } from '../tasks/task-errors.ts';
import { cancelTask } from './cancel-task.ts';
import { setFixtureScene } from './fixture-scene.ts';
import { readTask } from './read-task.ts';
import { retryTask } from './retry-task.ts';
import { noting } from './stepped-scene.ts';
import { submit } from './submit.ts';

const asAda = (taskId: string) => ({ tenant: 'acme', taskId, by: 'ada' });

describe('a retry', () => {
  it('runs a failed task again: the next epoch of the same task, its history kept', async () => {
    const { ports, worker, runs, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    await ports.clock.advance(1000);
    expect(await retryTask(ports, asAda(taskId))).toEqual({
      ...{ kind: 'accepted', record: await record(taskId), sendError: null },
    });
    expect(await record(taskId)).toMatchObject({
      ...{ state: 'PENDING', epoch: 2, attempts: 0, wakeAt: ports.clock.now() + timings.firstLook },
    });
    await worker.poll();
    expect(runs.contexts.map(({ attempt }) => attempt)).toEqual([1, 1]);
    const states = (await record(taskId)).timeline.map(({ state, epoch }) => `${epoch} ${state}`);
    expect(states).toEqual([
      ...['1 PENDING', '1 STARTED', '1 FAILURE', '2 PENDING', '2 STARTED', '2 FAILURE'],
    ]);
  });

  it('takes back a cancel', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'ok' });
    await cancelTask(ports, asAda(taskId));
    expect(await retryTask(ports, asAda(taskId))).toMatchObject({ kind: 'accepted' });
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2, attempts: 1 });
  });

  it('is refused by a task that waits, runs or succeeded', async () => {
    const { ports, worker, runs, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'ok' });
    const reasons: unknown[] = [];
    const ask = async () => void reasons.push(await retryTask(ports, asAda(taskId)));
    await ask();
    runs.onRun(ask);
    await worker.poll();
    await ask();
    expect(reasons).toMatchObject([
      { kind: 'refused', reason: 'unfinished', record: { state: 'PENDING' } },
      { kind: 'refused', reason: 'unfinished', record: { state: 'STARTED' } },
      { kind: 'refused', reason: 'succeeded', record: { state: 'SUCCESS' } },
    ]);
    expect(await record(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 1 });
    expect(ports.queue.depth('default').visible).toBe(0);
  });

  it('knows no task of another tenant, none that never was, and none whose record has expired', async () => {
    const { ports, worker, submit } = setFixtureScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    expect(await retryTask(ports, { ...asAda(taskId), tenant: 'other' })).toEqual({ kind: 'unknown' });
    expect(await retryTask(ports, asAda('nobody'))).toEqual({ kind: 'unknown' });
    await ports.clock.advance(timings.keepFailed);
    expect(await retryTask(ports, asAda(taskId))).toEqual({ kind: 'unknown' });
  });

  it('that comes twice at once opens one epoch and sends one message', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    const both = await Promise.all([retryTask(ports, asAda(taskId)), retryTask(ports, asAda(taskId))]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
    expect(await record(taskId)).toMatchObject({ epoch: 2 });
    expect(ports.queue.depth('default').visible).toBe(1);
  });

  it('tells of a message that could not be sent; the task is accepted all the same', async () => {
    const { ports, worker, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'permanent' });
    await worker.poll();
    const fault = new Error('the queue is down');
    vi.spyOn(ports.queue, 'send').mockRejectedValueOnce(fault);
    expect(await retryTask(ports, asAda(taskId))).toMatchObject({ kind: 'accepted', sendError: fault });
    expect(await record(taskId)).toMatchObject({ state: 'PENDING', epoch: 2 });
  });

  it('leaves the old dead letter without power: it runs the new epoch once, and then nothing', async () => {
    const { ports, worker, runs, submit, record } = setFixtureScene();
    const taskId = await submit({ mode: 'fail' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await worker.poll();
      await ports.clock.advance(60_000);
    }
    expect(ports.queue.deadLetters('default')).toHaveLength(1);
    runs.onRun(({ attempt }) => {
      if (attempt > 1) throw new Error('a second attempt');
      throw new PermanentError('once is enough');
    });
    await retryTask(ports, asAda(taskId));
    ports.queue.redriveDeadLetters('default');
    await worker.poll();
    expect(runs.contexts).toHaveLength(4);
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', epoch: 2, deadLetter: 'none' });
    await ports.queue.send(
      ...(['default', { v: 1, taskId, epoch: 2, dead: true }, { delaySeconds: 0, group: 'acme' }] as const),
    );
    await worker.poll();
    expect(await record(taskId)).toMatchObject({ state: 'FAILURE', epoch: 2 });
  });
});

/** A task of two steps, the second of which fails until it is told otherwise. */
const deliver = defineTask({
  name: 'deliver',
  description: 'Charges, then ships.',
  input: z.strictObject({ address: z.string().min(1) }),
  output: z.unknown(),
  retry: { max: 0, delay: fixed(60) },
});

function setDelivery() {
  const ports = createMemoryPorts();
  const keys: string[] = [];
  let ships = false;
  const seen: unknown[] = [];
  const work = async (input: unknown, { step }: TaskContext) => {
    seen.push(input);
    await step('charge', noting(keys, 'charged'));
    if (!ships) throw new Error('no ship');
    return step('ship', noting(keys, 'shipped'));
  };
  const worker = createMemoryWorker(ports, [implement(deliver, work)]);
  return {
    ...{ ports, worker, keys, seen },
    ship(now: boolean) {
      ships = now;
    },
    async failOnce(address: string): Promise<string> {
      const { record } = await submit(ports, { spec: deliver, input: { address }, tenant: 'acme' });
      await worker.poll();
      return record.taskId;
    },
    edit: (taskId: string, input: unknown) =>
      retryTask(ports, { ...asAda(taskId), edited: { spec: deliver, input } }),
    inputOf: (taskId: string) => readInput(ports, taskId),
  };
}

async function readInput(ports: MemoryPorts, taskId: string): Promise<unknown> {
  return (await readTask(ports, { tenant: 'acme', taskId }))?.input;
}

describe('the steps of a task that is retried', () => {
  it('are kept: what was done in the epoch before is not done again', async () => {
    const { ports, worker, keys, ship, failOnce } = setDelivery();
    const taskId = await failOnce('here');
    ship(true);
    await retryTask(ports, asAda(taskId));
    await worker.poll();
    expect(await ports.store.read(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 2 });
    expect(keys).toEqual([`${taskId}/charge`, `${taskId}/ship`]);
  });

  it('are done anew for edited arguments, under other keys, and kept from then on', async () => {
    const { ports, worker, keys, ship, failOnce, edit } = setDelivery();
    const taskId = await failOnce('here');
    await edit(taskId, { address: 'there' });
    await worker.poll();
    expect(keys).toEqual([`${taskId}/charge`, `${taskId}/1/charge`]);
    ship(true);
    await retryTask(ports, asAda(taskId));
    await worker.poll();
    expect(keys.slice(2)).toEqual([`${taskId}/1/ship`]);
    expect(await ports.store.read(taskId)).toMatchObject({ state: 'SUCCESS', epoch: 3 });
  });

  it('are done anew after each edit, though one goes back to the first arguments', async () => {
    const { worker, keys, seen, failOnce, edit } = setDelivery();
    const taskId = await failOnce('here');
    for (const address of ['there', 'here']) {
      await edit(taskId, { address });
      await worker.poll();
    }
    expect(new Set(keys).size).toBe(3);
    expect(seen).toEqual(['here', 'there', 'here'].map((address) => ({ address })));
  });
});

describe('edited arguments', () => {
  it('must fit the spec; else nothing has changed', async () => {
    const { ports, failOnce, edit } = setDelivery();
    const taskId = await failOnce('here');
    const before = ports.store.records();
    await expect(edit(taskId, { address: '' })).rejects.toMatchObject({
      ...{ name: 'ZodError', issues: [{ path: ['address'] }] },
    });
    expect(ports.store.records()).toEqual(before);
    expect(ports.queue.depth('default').visible).toBe(0);
  });

  it('that are long lie beside the record, and replace no others', async () => {
    const { ports, worker, seen, failOnce, edit, inputOf } = setDelivery();
    const [first, second, third] = ['a', 'b', 'c'].map((letter) => letter.repeat(5000));
    const taskId = await failOnce(first ?? '');
    await edit(taskId, { address: second });
    expect(await inputOf(taskId)).toEqual({ address: second });
    // Refused, for the task is not failed any more: it must not reach the arguments of the one that was accepted.
    expect(await edit(taskId, { address: third })).toMatchObject({ kind: 'refused' });
    expect(await inputOf(taskId)).toEqual({ address: second });
    await worker.poll();
    expect(seen).toEqual([{ address: first }, { address: second }]);
    expect(ports.payloads.keys().filter((key) => key.includes('input'))).toHaveLength(2);
  });

  it('of two retries at once are those of the one that was accepted', async () => {
    const { failOnce, edit, inputOf } = setDelivery();
    const taskId = await failOnce('here');
    const addresses = ['x'.repeat(5000), 'y'.repeat(5000)];
    const outcomes = await Promise.all(addresses.map((address) => edit(taskId, { address })));
    const accepted = outcomes.findIndex(({ kind }) => kind === 'accepted');
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
    expect(await inputOf(taskId)).toEqual({ address: addresses[accepted] });
  });
});
