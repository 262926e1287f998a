import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { arnOf, bodiesOf, type MappingBench, openMappingBench } from './fixtures/mapping-bench.ts';

let bench: MappingBench;
let queues = 0;
let queue = '';

beforeAll(async () => {
  bench = await openMappingBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  queues += 1;
  queue = `queue-${queues}`;
  await bench.createQueue(queue);
});

const nothing = () => undefined;

describe('a batch', () => {
  it('is handed over as Lambda does and deleted when it succeeded', async () => {
    await bench.send(queue, 'one', 'two', 'three');
    const { mapping, batches, called } = bench.run(queue, nothing);
    await called(1);
    await mapping.activity.onIdle();

    expect(bodiesOf(batches[0])).toEqual(['one', 'two', 'three']);
    expect(batches[0]?.[0]).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'one',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {},
      md5OfBody: 'f97c5d29941bfb1b2fdab0874906ab82',
      eventSource: 'aws:sqs',
      eventSourceARN: arnOf(queue),
      awsRegion: 'us-east-1',
    });
    expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('is never larger than the batch size', async () => {
    await bench.send(queue, 'a', 'b', 'c', 'd', 'e');
    const { batches, called } = bench.run(queue, nothing, { batchSize: 2 });
    await called(3);
    expect(batches.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it('fills up as long as its window is open', async () => {
    const window = { batchSize: 25, maximumBatchingWindowSeconds: 300 };
    const { mapping, batches, called } = bench.run(queue, nothing, window);
    await bench.send(queue, ...Array.from({ length: 24 }, (_, index) => `m${index}`));
    await eventually(async () => expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 24 }));
    expect({ batches, inFlight: mapping.activity.inFlight }).toEqual({ batches: [], inFlight: 1 });

    await bench.send(queue, 'last');
    await called(1);
    expect(batches[0]).toHaveLength(25);
  });

  it('goes out when its window is over, by the laptop clock', async () => {
    const window = { batchSize: 25, maximumBatchingWindowSeconds: 60 };
    const { mapping, batches, called } = bench.run(queue, nothing, window);
    await bench.send(queue, 'only');
    await eventually(() => expect(mapping.activity.inFlight).toBe(1));
    expect(batches).toEqual([]);
    bench.clock.advance(60_000);
    await called(1);
    expect(bodiesOf(batches[0])).toEqual(['only']);
  });
});

describe('concurrency', () => {
  it('reaches the maximum and never goes over it', async () => {
    await bench.send(queue, ...Array.from({ length: 12 }, (_, index) => `m${index}`));
    const running: (() => void)[] = [];
    let highest = 0;
    const work = async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      running.push(resolve);
      highest = Math.max(highest, running.length);
      await promise;
      running.splice(running.indexOf(resolve), 1);
    };
    const { mapping, batches } = bench.run(queue, work, { batchSize: 1, maximumConcurrency: 3 });
    while (batches.length < 12) {
      const before = batches.length;
      await eventually(() => expect(running).toHaveLength(3));
      running[0]?.();
      await eventually(() => expect(batches.length).toBeGreaterThan(before));
    }
    for (const finish of [...running]) finish();
    await mapping.activity.onIdle();
    expect({ highest, counts: await bench.counts(queue) }).toEqual({
      highest: 3,
      counts: { visible: 0, inFlight: 0 },
    });
  });
});

describe('a mapping', () => {
  it('leaves the queue alone while disabled, and starts when enabled', async () => {
    await bench.send(queue, 'later');
    const { mapping, batches, called } = bench.run(queue, nothing, { enabled: false });
    expect(await bench.counts(queue)).toEqual({ visible: 1, inFlight: 0 });
    expect({ enabled: mapping.enabled, batches }).toEqual({ enabled: false, batches: [] });
    await mapping.setEnabled(true);
    expect(mapping.enabled).toBe(true);
    await called(1);
  });

  it('stops receiving when disabled at run time', async () => {
    await bench.send(queue, 'first');
    const { mapping, batches, called } = bench.run(queue, nothing);
    await called(1);
    await mapping.setEnabled(false);
    await bench.send(queue, 'second');
    expect(await bench.counts(queue)).toEqual({ visible: 1, inFlight: 0 });
    expect(batches).toHaveLength(1);
  });

  it('waits at its end for the work in flight, and deletes what succeeded', async () => {
    await bench.send(queue, 'slow');
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const { mapping, called } = bench.run(queue, () => finished);
    await called(1);
    let stopped = false;
    const stopping = mapping.stop().then(() => {
      stopped = true;
    });
    await mapping.setEnabled(false);
    expect({ stopped, inFlight: mapping.activity.inFlight }).toEqual({ stopped: false, inFlight: 1 });
    finish();
    await stopping;
    expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('goes on receiving after the queue could not be read', async () => {
    const missing = `${queue}-missing`;
    const { lines, called } = bench.run(missing, nothing);
    await eventually(() => expect(lines[0]).toContain('receiving failed'));
    await bench.createQueue(missing);
    await bench.send(missing, 'there');
    await called(1);
  });
});
