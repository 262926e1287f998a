import { TransactionConflictException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls, cancelled } from '../contracts/inject-faults.ts';
import { fixtureTime, recordIn, successor } from '../contracts/record-fixtures.ts';
import { stepOf } from '../contracts/task-store-steps.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';
import { mostConflicts, realMeans, retryConflicts } from './retry-conflicts.ts';

const plainConflict = new TransactionConflictException({ message: 'conflict', $metadata: {} });
const inProgress = new TransactionInProgressException({ message: 'in progress', $metadata: {} });

/** Pauses that take no time and are remembered; `chance` is the number that is always drawn. */
function noTime(chance: number) {
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  return { pauses, means: { ...realMeans, pause, random: () => chance } };
}

/** A write that fails `times` times before it succeeds. */
function failing(times: number, error: Error): { send: () => Promise<string>; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    send: async () => {
      if (sent++ < times) throw error;
      return 'done';
    },
  };
}

describe('retryConflicts', () => {
  it.each([
    ['a transaction in the way of a plain write', plainConflict],
    ['another in the way of a transaction', cancelled('None', 'TransactionConflict')],
    [
      'a conflict beside a failed condition, which may be gone with it',
      cancelled('TransactionConflict', 'ConditionalCheckFailed'),
    ],
    ['a throttled transaction', cancelled('ThrottlingError', 'None')],
    ['a transaction over the throughput', cancelled('ProvisionedThroughputExceeded')],
    ['its own earlier try under way', inProgress],
  ])('sends again after %s', async (_, error) => {
    const { send, sent } = failing(1, error);
    expect(await retryConflicts(send, noTime(0).means)).toBe('done');
    expect(sent()).toBe(2);
  });

  it.each([
    ['a failed condition', cancelled('ConditionalCheckFailed', 'None')],
    ['a fault of the request', cancelled('None', 'ValidationError')],
    ['anything else', new Error('the network is down')],
  ])('throws %s at once', async (_, error) => {
    const { send, sent } = failing(1, error);
    await expect(retryConflicts(send, noTime(0).means)).rejects.toBe(error);
    expect(sent()).toBe(1);
  });

  it.each([
    [0, [50, 100, 200, 400, 800]],
    [0.5, [37.5, 75, 150, 300, 600]],
  ])(
    'waits twice as long each time, less by chance (%d), and gives up after six tries',
    async (chance, waits) => {
      const { send, sent } = failing(99, plainConflict);
      const { pauses, means } = noTime(chance);
      await expect(retryConflicts(send, means)).rejects.toBe(plainConflict);
      expect(sent()).toBe(mostConflicts);
      expect(pauses).toEqual(waits);
    },
  );
});

describe('writes of the DynamoDB task store that meet another', () => {
  const pending = recordIn('PENDING');
  const started = successor(pending, recordIn('STARTED'));
  const key = { pk: 'tenant#acme', sk: 'location#denver' };
  const moved = { wakeAt: fixtureTime + 90_000, resent: null };
  let store: TaskStore;
  let tableName: string;
  let faults: Error[];
  let tokens: unknown[];
  const item = () => ({ table: tableName, key, item: key, onlyIf: 'absent' as const });

  beforeEach(async () => {
    const client = emulatedDynamoDb();
    tableName = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName, means: noTime(0).means });
    await store.create(recordIn('STARTED', { taskId: 'running' }));
    await store.create(pending);
    faults = [];
    tokens = [];
    beforeCalls(client, ({ command, input }) => {
      if (command === 'TransactWriteItemsCommand' && 'ClientRequestToken' in input)
        tokens.push(input.ClientRequestToken);
      const fault = faults.shift();
      if (fault) throw fault;
    });
  });

  const conflict = cancelled('TransactionConflict', 'None');
  const writes: [string, Error, () => Promise<unknown>, unknown][] = [
    ['saveStep', conflict, () => store.saveStep('running', stepOf()), true],
    [
      'create alongside',
      conflict,
      () => store.create(recordIn('PENDING', { taskId: 'new' }), { alongside: [item()] }),
      { saved: true },
    ],
    ['create', plainConflict, () => store.create(recordIn('PENDING', { taskId: 'new' })), { saved: true }],
    ['save', plainConflict, () => store.save(started, pending, { wakeBy: null }), { saved: true }],
    [
      'save with a lock',
      conflict,
      () => store.save(started, pending, { wakeBy: null, lock: { key: 'a-lock', from: null } }),
      { saved: true },
    ],
    ['moveWake', plainConflict, () => store.moveWake(pending, moved), true],
  ];

  it.each(writes)('%s succeeds when the other is through', async (_, error, write, expected) => {
    faults = [error, error];
    expect(await write()).toEqual(expected);
    expect(faults).toEqual([]);
  });

  it.each(writes)('%s gives up when there is always another', async (_, error, write) => {
    faults = Array.from({ length: 20 }, () => error);
    await expect(write()).rejects.toBe(error);
    expect(faults).toHaveLength(20 - mostConflicts);
  });

  it('keep the token of a transaction that may still succeed, and no other', async () => {
    faults = [inProgress, conflict, inProgress];
    expect(await store.saveStep('running', stepOf())).toBe(true);
    const [first, , second] = tokens;
    expect(tokens).toEqual([first, first, second, second]);
    expect(second).not.toBe(first);
  });
});
