import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createMemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { defineTask } from '../tasks/define-task.ts';
import { createFixtureRuns, fixtureTask } from './fixture-task.ts';
import { readOutcome, readTask } from './read-task.ts';
import { submit } from './submit.ts';

const submission = { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme' };

describe('submit', () => {
  it('stores the record before it sends the message', async () => {
    const ports = createMemoryPorts();
    const order: string[] = [];
    const { create } = ports.store;
    const { send } = ports.queue;
    vi.spyOn(ports.store, 'create').mockImplementation(async (record) => {
      order.push('create');
      return create(record);
    });
    vi.spyOn(ports.queue, 'send').mockImplementation(async (...args) => {
      order.push('send');
      return send(...args);
    });
    await submit(ports, submission);
    expect(order).toEqual(['create', 'send']);
  });

  it('accepts nothing when the input does not fit, or when the store fails', async () => {
    const ports = createMemoryPorts();
    await expect(submit(ports, { ...submission, input: { mode: 'dance' } })).rejects.toMatchObject({
      name: 'ZodError',
      issues: [{ path: ['mode'] }],
    });
    vi.spyOn(ports.store, 'create').mockRejectedValue(new Error('the store is down'));
    await expect(submit(ports, submission)).rejects.toThrow('the store is down');
    expect(ports.store.records()).toEqual([]);
    expect(ports.queue.depth('default').visible).toBe(0);
  });

  it('sends high priority through its own queue, for its tenant', async () => {
    const ports = createMemoryPorts();
    const { record } = await submit(ports, { ...submission, priority: 'high', tags: ['x'] });
    expect(record).toMatchObject({ queue: 'priority', priority: 'high', tags: ['x'] });
    expect(ports.queue.receive('priority')).toMatchObject([{ group: 'acme' }]);
  });
});

describe('submit with an id', () => {
  it('accepts a task once, however often it is submitted', async () => {
    const ports = createMemoryPorts();
    const first = await submit(ports, { ...submission, taskId: 'nightly' });
    expect(first).toMatchObject({ record: { taskId: 'nightly' }, duplicate: false });
    await createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();
    const again = await submit(ports, { ...submission, taskId: 'nightly' });
    expect(again).toMatchObject({ record: { taskId: 'nightly', state: 'SUCCESS' }, duplicate: true });
    expect(ports.store.records()).toHaveLength(1);
    expect(ports.queue.depth('default').visible).toBe(0);
  });

  it('accepts one of two that come at once, and sends one message', async () => {
    const ports = createMemoryPorts();
    const both = await Promise.all([1, 2].map(() => submit(ports, { ...submission, taskId: 'nightly' })));
    expect(both.map(({ duplicate }) => duplicate).sort()).toEqual([false, true]);
    expect(ports.queue.depth('default').visible).toBe(1);
  });
});

describe('submit with another way to tell a worker', () => {
  it('takes that way once the record is stored, sends no message, and tells what went wrong', async () => {
    const ports = createMemoryPorts();
    const fault = new Error('nobody is in');
    const { record, sendError } = await submit(ports, submission, async ({ taskId }) => {
      expect(await ports.store.read(taskId)).toMatchObject({ state: 'PENDING' });
      return fault;
    });
    expect(sendError).toBe(fault);
    expect(await ports.store.read(record.taskId)).toMatchObject({ state: 'PENDING' });
    expect(ports.queue.depth('default').visible).toBe(0);
  });
});

describe('readTask', () => {
  it('tells arguments and result to the owner, and nothing to another tenant', async () => {
    const ports = createMemoryPorts();
    const { record } = await submit(ports, { ...submission, input: { mode: 'large' } });
    const { taskId } = record;
    await createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();
    const reading = await readTask(ports, { tenant: 'acme', taskId });
    expect(reading).toMatchObject({ input: { mode: 'large' }, result: { text: 'x'.repeat(10_000) } });
    expect(await readTask(ports, { tenant: 'other', taskId })).toBeNull();
    expect(await readTask(ports, { tenant: 'acme', taskId: 'nobody' })).toBeNull();
  });

  it('fetches no arguments when only the outcome is wanted', async () => {
    const ports = createMemoryPorts();
    const spec = defineTask({
      name: 'long',
      description: 'Takes much.',
      input: z.string(),
      output: z.null(),
    });
    const { record } = await submit(ports, { spec, input: 'x'.repeat(5000), tenant: 'acme' });
    const get = vi.spyOn(ports.payloads, 'get');
    const query = { tenant: 'acme', taskId: record.taskId };
    expect(await readOutcome(ports, query)).toMatchObject({ result: null });
    expect(get).not.toHaveBeenCalled();
    await readTask(ports, query);
    expect(get).toHaveBeenCalledOnce();
  });

  it('says when a result has expired, and forgets a record that has', async () => {
    const ports = createMemoryPorts();
    const { record } = await submit(ports, submission);
    const query = { tenant: 'acme', taskId: record.taskId };
    await createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();
    await ports.clock.advance(fixtureTask.resultExpires * 1000 - 1);
    expect(await readTask(ports, query)).toMatchObject({ result: { ok: true }, resultExpired: false });
    await ports.clock.advance(1);
    expect(await readTask(ports, query)).toMatchObject({ result: null, resultExpired: true });
    await ports.clock.advance(14 * 24 * 3600 * 1000);
    expect(await readTask(ports, query)).toBeNull();
  });
});
