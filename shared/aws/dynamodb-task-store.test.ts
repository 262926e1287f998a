import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls } from '../contracts/inject-faults.ts';
import { fixtureTime, recordIn, successor } from '../contracts/record-fixtures.ts';
import { describeTaskStore } from '../contracts/task-store-contract.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';
import { recordKey } from './record-keys.ts';
import { listRecords } from './timeline-listing.ts';

const client = emulatedDynamoDb();
const pending = recordIn('PENDING');
const anyWake = { wakeBy: null };
const listing = { tenant: pending.tenant, limit: 100, now: fixtureTime };

const makeStore = async () =>
  createDynamoDbTaskStore({ client, tableName: await createPipelineTable(client) });

describeTaskStore('DynamoDB', makeStore, async () => {
  const table = await createPipelineTable(client);
  return {
    store: await makeStore(),
    table,
    entity: async (Key) =>
      (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item ?? null,
  };
});

describe('DynamoDB task store', () => {
  let tableName: string;
  let store: TaskStore;
  beforeEach(async () => {
    tableName = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName });
  });

  const item = async (taskId = pending.taskId) =>
    (await client.send(new GetCommand({ TableName: tableName, Key: recordKey(taskId) }))).Item;

  it('lets the table delete ended records only', async () => {
    await store.create(pending);
    expect(await item()).not.toHaveProperty('ttl');
    const failed = successor(pending, recordIn('FAILURE', { expiresAt: fixtureTime + 500 }));
    await store.save(failed, pending, anyWake);
    expect(await item()).toMatchObject({ ttl: fixtureTime / 1000 + 1 });
    await store.save(successor(failed, recordIn('PENDING', { epoch: 2 })), failed, anyWake);
    expect(await item()).not.toHaveProperty('ttl');
  });

  it('keeps no null and nothing that the state does not have', async () => {
    await store.create(pending);
    const claimed = successor(pending, recordIn('STARTED'));
    await store.save(claimed, pending, anyWake);
    await store.save(successor(claimed, recordIn('SUCCESS')), claimed, anyWake);
    const stored = await item();
    expect(JSON.stringify(stored)).not.toContain('null');
    expect(stored).not.toHaveProperty('leaseUntil');
    expect(stored).not.toHaveProperty('attentionPk');
  });

  it('names the task of a damaged record and what is wrong with it', async () => {
    await store.create(pending);
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: recordKey(pending.taskId),
        UpdateExpression: 'SET attempts = :text',
        ExpressionAttributeValues: { ':text': 'many' },
      }),
    );
    const damage = { name: 'DamagedRecord', message: expect.stringMatching(`${pending.taskId}[^]*attempts`) };
    await expect(store.read(pending.taskId)).rejects.toMatchObject(damage);
    await expect(store.create({ ...pending, writer: 'other' })).rejects.toMatchObject(damage);
    await expect(store.list(listing)).rejects.toMatchObject(damage);
  });

  it('throws what is neither success nor refusal', async () => {
    const nowhere = createDynamoDbTaskStore({ client, tableName: 'no-such-table' });
    const missing = { name: 'ResourceNotFoundException' };
    await expect(nowhere.create(pending)).rejects.toMatchObject(missing);
    const next = successor(pending, pending);
    await expect(nowhere.save(next, pending, anyWake)).rejects.toMatchObject(missing);
    const move = nowhere.moveWake(pending, { wakeAt: fixtureTime + 90_000, resent: null });
    await expect(move).rejects.toMatchObject(missing);
  });

  it('gives a short page with a cursor rather than reading a whole busy table', async () => {
    const bounds = { batch: 5, batches: 2 };
    const oldest = recordIn('FAILURE', { taskId: 'needle', createdAt: fixtureTime - 60 });
    await store.create(oldest);
    for (let n = 0; n < 12; n++) {
      await store.create(recordIn('PENDING', { taskId: `hay-${n}`, createdAt: fixtureTime - n }));
    }
    const failures = { ...listing, state: 'FAILURE' } as const;
    const first = await listRecords({ client, tableName }, failures, bounds);
    expect(first.items).toEqual([]);
    const second = { ...failures, cursor: first.nextCursor ?? undefined };
    expect(await listRecords({ client, tableName }, second, bounds)).toEqual({
      items: [oldest],
      nextCursor: null,
    });
  });

  it('ends at the days that no record outlives', async () => {
    const day = 86_400_000;
    await store.create(recordIn('PENDING', { taskId: 'last', createdAt: fixtureTime - 30 * day }));
    await store.create(recordIn('PENDING', { taskId: 'too-old', createdAt: fixtureTime - 31 * day }));
    const page = await store.list(listing);
    expect(page.items.map(({ taskId }) => taskId)).toEqual(['last']);
    expect(page.nextCursor).toBeNull();
  });

  it('ends at the earliest time that is asked for, and reads no older record', async () => {
    for (const age of [1, 2, 3, 4]) {
      await store.create(recordIn('PENDING', { taskId: `t-${age}`, createdAt: fixtureTime - age }));
    }
    const watched = emulatedDynamoDb();
    const batches: object[] = [];
    beforeCalls(watched, ({ command, input }) => {
      if (command === 'BatchGetItemCommand') batches.push(input);
    });
    const since = { ...listing, limit: 3, createdAfter: fixtureTime - 2 };
    const page = await listRecords({ client: watched, tableName }, since);
    expect(page.items.map(({ taskId }) => taskId)).toEqual(['t-1', 't-2']);
    expect(page.nextCursor).toBeNull();
    const keys = [1, 2].map((age) => recordKey(`t-${age}`));
    expect(batches).toEqual([{ RequestItems: { [tableName]: { Keys: keys } } }]);
  });

  it("spreads a tenant's day over the partitions of the timeline", async () => {
    const partitions = new Set<unknown>();
    for (let n = 0; n < 20; n++) {
      await store.create(recordIn('PENDING', { taskId: `task-${n}` }));
      partitions.add((await item(`task-${n}`))?.['timelinePk']);
    }
    expect(partitions).toEqual(new Set([0, 1, 2, 3].map((shard) => `acme#2026-11-21#${shard}`)));
  });

  it('looks over a quiet month in five rounds', async () => {
    let underWay = 0;
    let rounds = 0;
    const watched = emulatedDynamoDb();
    watched.middlewareStack.add(
      (next) => async (args) => {
        if (underWay++ === 0) rounds++;
        try {
          return await next(args);
        } finally {
          underWay--;
        }
      },
      { step: 'initialize' },
    );
    await createDynamoDbTaskStore({ client: watched, tableName }).list(listing);
    expect(rounds).toBe(5);
  });

  it('refuses a cursor that points into the future', async () => {
    const cursor = Buffer.from('{"day":"9999-01-01","below":null}').toString('base64url');
    await expect(store.list({ ...listing, cursor })).rejects.toMatchObject({ name: 'InvalidCursor' });
  });

  it('does not start a query outside of its range, which DynamoDB refuses and the emulator does not', async () => {
    const watched = emulatedDynamoDb();
    const starts: unknown[] = [];
    beforeCalls(watched, ({ input }) => {
      starts.push('ExclusiveStartKey' in input ? input.ExclusiveStartKey : null);
    });
    const watchedStore = createDynamoDbTaskStore({ client: watched, tableName });
    const cursor = Buffer.from('{"taskId":"a-task","wakeAt":50}').toString('base64url');
    const ranges = [
      { after: 0, before: 50 },
      { after: 51, before: 100 },
      { after: 50, before: 51 },
    ];
    for (const range of ranges) {
      await watchedStore.failed({ ...range, tenant: 'acme', shard: 1, limit: 10, cursor });
    }
    const start = { pk: 'task#a-task', sk: 'task', attentionPk: 'failed#acme#1', wakeAt: 50 };
    expect(starts).toEqual([null, start]);
  });

  it('skips an index entry whose record is gone already', async () => {
    await store.create(pending);
    const withGap = emulatedDynamoDb();
    withGap.middlewareStack.add(
      (next, context) => async (args) => {
        if (context['commandName'] === 'BatchGetItemCommand') {
          await client.send(new DeleteCommand({ TableName: tableName, Key: recordKey(pending.taskId) }));
        }
        return next(args);
      },
      { step: 'initialize' },
    );
    const page = await createDynamoDbTaskStore({ client: withGap, tableName }).list(listing);
    expect(page).toEqual({ items: [], nextCursor: null });
  });
});
