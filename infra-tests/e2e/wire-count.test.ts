import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type CountingProxy, startCountingProxy, type WireCall } from '#tools/bench/counting-proxy.ts';
import { projectDir } from '#tools/cli/run-laptop.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import { type Api, submitTask } from './api-calls.ts';
import { startBareCloud } from './bare-cloud.ts';
import { makeDataDir } from './data-dir.ts';
import { type LaptopPowers, laptopPowers } from './laptop-powers.ts';

let proxy: CountingProxy;
let cloud: LaptopCloud;
let powers: LaptopPowers;
let api: Api;
const started = new AsyncDisposableStack();
const startedAt = Date.now();
beforeAll(async () => {
  const dataDir = await makeDataDir();
  started.defer(() => dataDir.remove());
  proxy = startCountingProxy();
  started.defer(() => proxy.stop());
  ({ cloud, api } = await startBareCloud({
    ...{ projectDir, dataDir: dataDir.path },
    emulatorAddress: (url) => proxy.before(url),
  }));
  started.defer(() => cloud.stop());
  const made = laptopPowers(cloud, []);
  started.defer(() => made.close());
  powers = made;
});
afterAll(() => started.disposeAsync());

const hello = { task: 'test_celery', input: { message: 'hello' } };

/**
 * What went over the wire until everything that `act` began has ended, without the looks that found nothing, and without
 * the worker's heartbeat: that is one write a minute for an instance, whether it runs one task meanwhile or thousands.
 */
async function callsOf(act: () => Promise<unknown>) {
  const before = proxy.calls.length;
  await act();
  await cloud.settled();
  const calls = proxy.calls.slice(before);
  const by = (caller: string) => calls.filter((call) => call.caller.includes(caller));
  return {
    api: by('HttpApiFunction'),
    worker: by('DefaultWorkerFunction').filter((call) => !isHeartbeat(call)),
    mapping: by('laptop-cloud').filter(moved),
  };
}

/** Whether a call of a mapping moved messages: empty polls and counts cost the same whether tasks run or not. */
function moved({ operation, reply }: WireCall): boolean {
  return operation === 'DeleteMessageBatch' || (operation === 'ReceiveMessage' && 'Messages' in reply);
}

const heartbeat = z.looseObject({
  Item: z.looseObject({ pk: z.object({ S: z.literal('heartbeat#default') }) }),
});
const isHeartbeat = ({ operation, request }: WireCall) =>
  operation === 'PutItem' && heartbeat.safeParse(request).success;

const operations = (calls: readonly WireCall[]) => calls.map(({ operation }) => operation);
const consumed = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) });
const units = (calls: readonly WireCall[]) =>
  calls.reduce((sum, { reply }) => sum + consumed.parse(reply).ConsumedCapacity.CapacityUnits, 0);
const writes = ({ operation }: WireCall) => ['PutItem', 'UpdateItem'].includes(operation);

describe('on the wire', () => {
  it('the first request of a token reads it, once', async () => {
    const first = await callsOf(() => submitTask(api, hello));
    expect(operations(first.api)).toEqual(['GetItem', 'PutItem', 'SendMessage']);
    expect(first.api[0]?.request).toMatchObject({ Key: { pk: { S: expect.stringMatching(/^token#/) } } });
  });

  it('a task is one write and one message to submit', async () => {
    const { api: submit } = await callsOf(() => submitTask(api, hello));
    expect(operations(submit)).toEqual(['PutItem', 'SendMessage']);
    expect(submit[0]?.request).toMatchObject({
      ConditionExpression: expect.stringMatching(/^attribute_not_exists\(pk\) OR /),
    });
  });

  it('a task is one read and two conditional writes to run, one message to receive and one to delete', async () => {
    const { worker, mapping } = await callsOf(() => submitTask(api, hello));
    expect(operations(worker)).toEqual(['GetItem', 'UpdateItem', 'UpdateItem']);
    for (const { request } of worker.filter(writes)) {
      expect(request).toMatchObject({
        ConditionExpression: expect.stringMatching(/^#version = :storedVersion/),
      });
    }
    expect(operations(mapping)).toEqual(['ReceiveMessage', 'DeleteMessageBatch']);
  });

  it('a task is six write units and one read unit in all', async () => {
    const { api: submit, worker } = await callsOf(() => submitTask(api, hello));
    const tables = [...submit, ...worker].filter(({ operation }) => operation.endsWith('Item'));
    expect(units(tables.filter(writes))).toBe(6);
    expect(units(tables.filter((call) => !writes(call)))).toBe(1);
  });

  it('a task for later is one write, and one message when it is near: delayed, and fair to its tenant', async () => {
    const near = await callsOf(() => submitTask(api, { ...hello, countdown: 60 }));
    expect(operations(near.api)).toEqual(['PutItem', 'SendMessage']);
    expect(near.api[1]?.request).toMatchObject({ DelaySeconds: 60, MessageGroupId: 'laptop' });
    expect(near.worker).toEqual([]);
    const far = await callsOf(() => submitTask(api, { ...hello, countdown: 901 }));
    expect(operations(far.api)).toEqual(['PutItem']);
    const plain = await callsOf(() => submitTask(api, hello));
    expect(plain.api[1]?.request).toMatchObject({ MessageGroupId: 'laptop' });
    expect(plain.api[1]?.request).not.toHaveProperty('DelaySeconds');
    const written = [near, far, plain].map(({ api: submit }) => units(submit.filter(writes)));
    expect(written).toEqual([3, 3, 3]);
  });

  it('a rate limit is one read and one write more for a start, and is asked by no other task', async () => {
    const echo = { task: 'rate_limited_echo', input: { message: 'hi' } };
    const { worker } = await callsOf(() => submitTask(api, echo));
    expect(operations(worker)).toEqual(['GetItem', 'GetItem', 'PutItem', 'UpdateItem', 'UpdateItem']);
    expect(worker[2]?.request).toMatchObject({ Item: { pk: { S: 'limit#rate/rate_limited_echo' } } });
  });

  it('ten tasks that wait together are received together and deleted together', async () => {
    await powers.pause('default');
    for (let sent = 0; sent < 10; sent++) await submitTask(api, hello);
    const { worker, mapping } = await callsOf(() => powers.resume('default'));
    expect(operations(mapping)).toEqual(['ReceiveMessage', 'DeleteMessageBatch']);
    expect(operations(worker).filter((operation) => operation === 'GetItem')).toHaveLength(10);
    expect(worker.filter(writes)).toHaveLength(20);
    expect(worker).toHaveLength(30);
  });

  it('a worker’s heartbeat is one write a minute, of one unit, whatever it has run', async () => {
    await callsOf(() => submitTask(api, hello));
    const told = proxy.calls.filter(isHeartbeat);
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(1 + (Date.now() - startedAt) / 60_000);
    expect(units(told)).toBe(told.length);
  });
});
