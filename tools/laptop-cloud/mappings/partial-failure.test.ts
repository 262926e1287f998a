import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type BatchHandler,
  type MappingBench,
  openMappingBench,
  VISIBILITY_SECONDS,
} from './fixtures/mapping-bench.ts';

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

const failing =
  (...bodies: string[]): BatchHandler =>
  (records) => ({
    batchItemFailures: records
      .filter(({ body }) => bodies.includes(body))
      .map(({ messageId }) => ({ itemIdentifier: messageId })),
  });

describe('a batch that failed in part', () => {
  it('keeps exactly the listed messages, with a growing receive count', async () => {
    await bench.send(queue, 'good', 'bad');
    const { mapping, batches, called } = bench.run(queue, failing('bad'));
    await called(1);
    await mapping.activity.onIdle();
    expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 1 });

    bench.clock.advance(VISIBILITY_SECONDS * 1000);
    await called(2);
    expect(batches[1]).toMatchObject([{ body: 'bad', attributes: { ApproximateReceiveCount: '2' } }]);
  });

  it('is deleted whole when the mapping does not ask for partial responses', async () => {
    await bench.send(queue, 'good', 'bad');
    const { mapping, called } = bench.run(queue, failing('bad'), { reportBatchItemFailures: false });
    await called(1);
    await mapping.activity.onIdle();
    expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 0 });
  });

  it('ends in the dead-letter queue when it was received too often', async () => {
    const [source, deadLetters] = [`${queue}-source`, `${queue}-dead`];
    await bench.createQueue(deadLetters);
    await bench.createQueue(source, { to: deadLetters, maxReceiveCount: 3 });
    await bench.send(source, 'poison');
    const { mapping, batches, called } = bench.run(source, failing('poison'));
    for (const times of [1, 2, 3]) {
      await called(times);
      await mapping.activity.onIdle();
      bench.clock.advance(VISIBILITY_SECONDS * 1000);
    }
    expect(await bench.receive(deadLetters)).toEqual(['poison']);
    expect(batches.map(([record]) => record?.attributes['ApproximateReceiveCount'])).toEqual(['1', '2', '3']);
  });
});

describe('a batch that failed', () => {
  it.each<[string, BatchHandler]>([
    ['an id that is not in the batch', () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
    ['an empty id', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['a malformed response', () => 'done'],
    ['a function error', () => Promise.reject(new Error('crash'))],
  ])('is kept whole after %s', async (_what, handler) => {
    await bench.send(queue, 'one', 'two');
    const { mapping, lines, called } = bench.run(queue, handler);
    await called(1);
    await mapping.activity.onIdle();
    expect(await bench.counts(queue)).toEqual({ visible: 0, inFlight: 2 });
    expect(lines).toEqual([expect.stringContaining('a batch of 2 failed and will be delivered again')]);
  });
});
