import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryPorts, type MemoryPorts } from '../memory/memory-ports.ts';
import { createMemoryWorker } from '../memory/memory-worker.ts';
import { createFixtureRuns, fixtureTask } from './fixture-task.ts';
import { inputKey, ownerOf, resultKey, stepKey } from './payloads.ts';
import { submit } from './submit.ts';
import { type SweepOptions, sweepPayloads } from './sweep-payloads.ts';

const day = 24 * 3600 * 1000;

let ports: MemoryPorts;
beforeEach(() => {
  ports = createMemoryPorts();
});

const sweep = (options: Partial<SweepOptions> = {}) =>
  sweepPayloads(ports, {
    goOn: () => true,
    observe: () => undefined,
    onDamaged: (_, error) => {
      throw error;
    },
    ...options,
  });

/** Runs a task that leaves a large result; beside it lies an input, as if that had been large too. */
async function leaveResult(mode: 'large' | 'permanent' = 'large'): Promise<string> {
  const { record } = await submit(ports, { spec: fixtureTask, input: { mode }, tenant: 'acme' });
  await ports.payloads.put(inputKey(record.taskId, 1, 'w'), '1');
  await createMemoryWorker(ports, [createFixtureRuns().implementation]).poll();
  return record.taskId;
}

it.each([
  [inputKey('a', 1, 'w'), { taskId: 'a', isResult: false }],
  [resultKey('a', 2, 3), { taskId: 'a', isResult: true }],
  [stepKey('a', 2, 3, 'result/x'), { taskId: 'a', isResult: false }],
  ['payloads/a/other.json', null],
  ['uploads/a/1/input.json', null],
])('knows whose payload %s is', (key, owner) => {
  expect(ownerOf(key)).toEqual(owner);
});

describe('a sweep', () => {
  it('leaves what can still be read', async () => {
    await leaveResult();
    await ports.clock.advance(fixtureTask.resultExpires * 1000 - 1);
    expect(await sweep()).toEqual({ scanned: 2, deleted: 0, kept: 2, complete: true });
    expect(ports.payloads.keys()).toHaveLength(2);
  });

  it('removes a result that has expired, and keeps the input for as long as the record', async () => {
    const taskId = await leaveResult();
    await ports.clock.advance(fixtureTask.resultExpires * 1000);
    expect(await sweep()).toMatchObject({ scanned: 2, deleted: 1, kept: 1 });
    expect(ports.payloads.keys()).toEqual([inputKey(taskId, 1, 'w')]);
    await ports.clock.advance(14 * day);
    expect(await sweep()).toMatchObject({ scanned: 1, deleted: 1 });
    expect(ports.payloads.keys()).toEqual([]);
  });

  it('keeps what a failed task left for as long as its record', async () => {
    const taskId = await leaveResult('permanent');
    await ports.payloads.put(resultKey(taskId, 1, 1), '1');
    await ports.clock.advance(29 * day);
    expect(await sweep()).toMatchObject({ deleted: 0, kept: 2 });
    await ports.clock.advance(day);
    expect(await sweep()).toMatchObject({ deleted: 2, kept: 0 });
  });

  it('keeps what an unfinished task has, however old', async () => {
    const { record } = await submit(ports, { spec: fixtureTask, input: { mode: 'ok' }, tenant: 'acme' });
    await ports.payloads.put(inputKey(record.taskId, 1, 'w'), '1');
    await ports.clock.advance(60 * day);
    expect(await sweep()).toMatchObject({ deleted: 0, kept: 1 });
  });

  it('removes what belongs to no record once that cannot be on its way any more', async () => {
    await ports.payloads.put(inputKey('nobody', 1, 'w'), '1');
    await ports.clock.advance(day - 1);
    expect(await sweep()).toMatchObject({ deleted: 0 });
    await ports.clock.advance(1);
    expect(await sweep()).toMatchObject({ deleted: 1 });
  });

  it('keeps what it does not know', async () => {
    await ports.payloads.put('payloads/readme.txt', '1');
    await ports.clock.advance(60 * day);
    expect(await sweep()).toEqual({ scanned: 1, deleted: 0, kept: 1, complete: true });
  });

  it('goes page by page, tells each, and says when it was ended before all were seen', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await ports.payloads.put(inputKey(id, 1, 'w'), '1');
    await ports.clock.advance(day);
    const told: number[] = [];
    const options = { pageSize: 2, observe: ({ scanned }: { scanned: number }) => void told.push(scanned) };
    expect(await sweep({ ...options, goOn: () => told.length < 2 })).toEqual({
      ...{ scanned: 4, deleted: 4, kept: 0, complete: false },
    });
    expect(ports.payloads.keys()).toEqual([inputKey('e', 1, 'w')]);
    expect(await sweep(options)).toMatchObject({ scanned: 1, complete: true });
    expect(told).toEqual([2, 4, 1]);
  });

  it('keeps the payloads of a record that cannot be read and goes on; any other fault ends it', async () => {
    await ports.payloads.put(inputKey('a', 1, 'w'), '1');
    await ports.payloads.put(inputKey('b', 1, 'w'), '1');
    await ports.clock.advance(day);
    const fault = Object.assign(new Error('edited by hand'), { name: 'DamagedRecord' });
    const read = vi.spyOn(ports.store, 'read').mockRejectedValueOnce(fault);
    const damaged: string[] = [];
    const onDamaged = (taskId: string) => void damaged.push(taskId);
    expect(await sweep({ onDamaged })).toMatchObject({ deleted: 1, kept: 1, complete: true });
    expect(damaged).toEqual(['a']);
    read.mockRejectedValueOnce(new Error('store down'));
    await expect(sweep()).rejects.toThrow('store down');
  });
});
