import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { defineTask } from '../tasks/define-task.ts';
import { implement } from '../tasks/implement-task.ts';
import { PermanentError } from '../tasks/task-errors.ts';
import { createFixtureRuns, fixtureTask } from './fixture-task.ts';
import { readTask } from './read-task.ts';
import { noting, steppedTask, type Work } from './stepped-scene.ts';
import { KeyReused, type Submission, submit } from './submit.ts';

const submission = { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme', taskId: 'mine' };
const store = defineTask({
  name: 'store',
  description: 'Takes a text of any length.',
  input: z.string(),
  output: z.null(),
});
const long = (letter: string) => letter.repeat(5000);

const sent = ({ queue }: MemoryPorts) => queue.depth('default').visible;
const inputOf = async (ports: MemoryPorts, taskId: string) =>
  (await readTask(ports, { tenant: 'acme', taskId }))?.input;

/** Lets the task 'mine' end, and its record expire. */
async function expire(ports: MemoryPorts): Promise<void> {
  const record = await ports.store.read('mine');
  if (record === null || !('expiresAt' in record)) throw new Error('the task has not ended');
  await ports.clock.advance(record.expiresAt - ports.clock.now());
}

describe('a submission that comes again', () => {
  it('with the same digest is the same task: nothing is stored or sent', async () => {
    const ports = createMemoryPorts();
    const first = await submit(ports, { ...submission, digest: 'd' });
    expect(first).toMatchObject({ duplicate: false, record: { digest: 'd' } });
    expect(await submit(ports, { ...submission, digest: 'd' })).toEqual({ ...first, duplicate: true });
    await createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();
    expect(await submit(ports, { ...submission, digest: 'd' })).toMatchObject({
      ...{ duplicate: true, record: { state: 'SUCCESS' } },
    });
    expect([ports.store.records().length, sent(ports)]).toEqual([1, 0]);
  });

  it.each([
    ['another digest', 'd', 'e'],
    ['a digest, the first having none', undefined, 'd'],
    ['no digest, the first having one', 'd', undefined],
  ])('with %s is refused, and leaves the task as it is', async (_, before, after) => {
    const ports = createMemoryPorts();
    const digested = (digest: string | undefined): Submission =>
      digest === undefined ? submission : { ...submission, digest };
    await submit(ports, digested(before));
    const stored = ports.store.records();
    await expect(submit(ports, digested(after))).rejects.toThrow(KeyReused);
    expect(ports.store.records()).toEqual(stored);
    expect(sent(ports)).toBe(1);
  });

  it('at the same moment, with other arguments: one is refused, and the other keeps its own', async () => {
    const ports = createMemoryPorts();
    const racing = ['a', 'b'].map((digest) =>
      submit(ports, { spec: store, input: long(digest), tenant: 'acme', taskId: 'mine', digest }),
    );
    const [one, other] = await Promise.allSettled(racing);
    expect([one?.status, other?.status].sort()).toEqual(['fulfilled', 'rejected']);
    const winner = one?.status === 'fulfilled' ? 'a' : 'b';
    expect(await inputOf(ports, 'mine')).toBe(long(winner));
    expect(sent(ports)).toBe(1);
  });

  it('later, with other long arguments, does not replace those of the first', async () => {
    const ports = createMemoryPorts();
    const first = { spec: store, input: long('a'), tenant: 'acme', taskId: 'mine', digest: 'a' };
    await submit(ports, first);
    await expect(submit(ports, { ...first, input: long('b'), digest: 'b' })).rejects.toThrow(KeyReused);
    expect(await inputOf(ports, 'mine')).toBe(long('a'));
  });

  it('because the reply of the store was lost is the task itself, and is sent', async () => {
    const ports = createMemoryPorts();
    const { create } = ports.store;
    vi.spyOn(ports.store, 'create').mockImplementationOnce(async (...args) => {
      await create(...args);
      return create(...args);
    });
    expect(await submit(ports, { ...submission, digest: 'd' })).toMatchObject({ duplicate: false });
    expect(sent(ports)).toBe(1);
  });
});

describe('an id whose record has expired', () => {
  it('is a new task from that millisecond on, whatever its digest', async () => {
    const ports = createMemoryPorts();
    const worker = createMemoryWorker(ports, [createFixtureRuns().implementation]);
    const first = await submit(ports, { ...submission, digest: 'd' });
    await worker.poll();
    const { clock } = ports;
    await clock.advance(14 * 24 * 3_600_000 - 1);
    await expect(submit(ports, { ...submission, digest: 'e' })).rejects.toThrow(KeyReused);
    await clock.advance(1);
    const second = await submit(ports, { ...submission, digest: 'e' });
    expect(second).toMatchObject({
      duplicate: false,
      record: { createdAt: clock.now(), claim: 0, epoch: 1 },
    });
    expect(first.record.createdAt).toBeLessThan(clock.now());
    await worker.poll();
    expect(await ports.store.read('mine')).toMatchObject({ state: 'SUCCESS', digest: 'e', attempts: 1 });
  });

  it('brings none of the steps of the task before, in no attempt', async () => {
    const ports = createMemoryPorts();
    const ran: string[] = [];
    const sunk = () => Promise.reject(new PermanentError('no ship'));
    const attempts: Work[] = [
      async ({ step }) => {
        await step('charge', noting(ran, 'charged by the first'));
        await step('ship', sunk, { atMostOnce: true });
      },
      () => Promise.reject(new Error('the second life begins with a failure')),
      async ({ step }) => [
        await step('charge', noting(ran, 'charged')),
        await step('ship', noting(ran, 'shipped'), { atMostOnce: true }),
      ],
    ];
    const worker = createMemoryWorker(ports, [
      implement(steppedTask, async (_, context) => attempts.shift()?.(context)),
    ]);
    const again = { spec: steppedTask, input: {}, tenant: 'acme', taskId: 'mine' };
    await submit(ports, again);
    await worker.poll();
    expect(await ports.store.readSteps('mine')).toHaveLength(2);
    await expire(ports);
    expect(await submit(ports, again)).toMatchObject({ duplicate: false });
    await worker.poll();
    await ports.clock.advance(60_000);
    await worker.poll();
    expect(await ports.store.read('mine')).toMatchObject({
      ...{ state: 'SUCCESS', attempts: 2, result: { json: '["charged","shipped"]' } },
    });
    expect(ran).toHaveLength(3);
  });
});
