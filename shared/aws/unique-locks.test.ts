import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls, cancelled, loseReply } from '../contracts/inject-faults.ts';
import { fixtureTime, recordIn, successor } from '../contracts/record-fixtures.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';
import { lockKey } from './record-keys.ts';

const client = emulatedDynamoDb();
const key = 'a7c1f0e2-4b57-8b57-a6a5-6a0d1b7c9e42';
const pending = recordIn('PENDING', { uniqueKey: key });
const { taskId } = pending;
const failed = successor(pending, recordIn('FAILURE', { uniqueKey: key }));
const reopened = successor(
  failed,
  recordIn('PENDING', {
    ...{ uniqueKey: key, epoch: 2 },
    timeline: [
      ...failed.timeline,
      { state: 'PENDING', at: fixtureTime + 5000, attempt: 0, epoch: 2, detail: null },
    ],
  }),
);
const free = { lock: { key, from: null } };
const reopening = { wakeBy: null, lock: { key, from: { taskId, epoch: 1 } } };
const days400 = 400 * 24 * 3600;

describe('unique locks in the pipeline table', () => {
  let tableName: string;
  let store: TaskStore;
  beforeEach(async () => {
    tableName = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName });
  });

  const lockItem = async () =>
    (await client.send(new GetCommand({ TableName: tableName, Key: lockKey(key) }))).Item;

  async function fail(): Promise<void> {
    await store.create(pending, free);
    await store.save(failed, pending, { wakeBy: null });
  }

  /** The store through a client that loses the reply of its first transaction, after which `meanwhile` happens. */
  function losesReply(meanwhile: () => Promise<unknown>): TaskStore {
    const forgetful = emulatedDynamoDb();
    loseReply(forgetful, 'TransactWriteItemsCommand', meanwhile);
    return createDynamoDbTaskStore({ client: forgetful, tableName });
  }

  /** The store through a client to which DynamoDB tells of the lock's failed condition only. */
  function saysLittle(): TaskStore {
    const terse = emulatedDynamoDb();
    beforeCalls(terse, ({ command }) => {
      if (command === 'TransactWriteItemsCommand') throw cancelled('None', 'ConditionalCheckFailed');
    });
    return createDynamoDbTaskStore({ client: terse, tableName });
  }

  it('are deleted 400 days after they were taken last, and stand in no index', async () => {
    await fail();
    const item = { pk: `lock#${key}`, sk: 'lock', taskId, epoch: 1, ttl: fixtureTime / 1000 + days400 };
    expect(await lockItem()).toEqual(item);
    await store.save(reopened, failed, reopening);
    expect(await lockItem()).toEqual({ ...item, epoch: 2, ttl: fixtureTime / 1000 + 5 + days400 });
  });

  it('are read consistently', async () => {
    const watched = emulatedDynamoDb();
    const reads: object[] = [];
    beforeCalls(watched, ({ input }) => void reads.push(input));
    await createDynamoDbTaskStore({ client: watched, tableName }).readLock(key);
    expect(reads).toEqual([expect.objectContaining({ ConsistentRead: true })]);
  });

  it('throw when they are damaged, rather than let a second task in', async () => {
    await store.create(pending, free);
    await client.send(
      new UpdateCommand({ TableName: tableName, Key: lockKey(key), UpdateExpression: 'REMOVE taskId' }),
    );
    await expect(store.readLock(key)).rejects.toMatchObject({
      name: 'DamagedLock',
      message: expect.stringMatching(`${key}[^]*taskId`),
    });
  });

  it('are taken in the call that writes the record; a write without one is no transaction', async () => {
    const watched = emulatedDynamoDb();
    const calls: string[] = [];
    beforeCalls(watched, ({ command }) => void calls.push(command));
    const watchedStore = createDynamoDbTaskStore({ client: watched, tableName });
    await watchedStore.create(pending, free);
    await watchedStore.save(failed, pending, { wakeBy: fixtureTime, lock: null });
    await watchedStore.save(reopened, failed, reopening);
    await watchedStore.create({ ...pending, taskId: 'another' }, { alongside: [], lock: null });
    expect(calls).toEqual([
      'TransactWriteItemsCommand',
      'UpdateItemCommand',
      'TransactWriteItemsCommand',
      'PutItemCommand',
    ]);
  });

  describe('when a reply is lost', () => {
    it('a create is told as saved, though a worker has claimed the task since', async () => {
      const claimed = successor(pending, recordIn('STARTED', { uniqueKey: key }));
      const losing = losesReply(() => store.save(claimed, pending, { wakeBy: null }));
      expect(await losing.create(pending, free)).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual(claimed);
      expect(await store.readLock(key)).toEqual({ taskId, epoch: 1 });
    });

    it('a save is told as saved, though a worker has claimed the task since', async () => {
      await fail();
      const claimed = successor(reopened, recordIn('STARTED', { uniqueKey: key, epoch: 2 }));
      const losing = losesReply(() => store.save(claimed, reopened, { wakeBy: null }));
      expect(await losing.save(reopened, failed, reopening)).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual(claimed);
      expect(await store.readLock(key)).toEqual({ taskId, epoch: 2 });
    });

    it('a save is told as saved, though another task holds the lock by now', async () => {
      await fail();
      const rival = recordIn('PENDING', { uniqueKey: key, taskId: 'a-rival', writer: 'rival' });
      const cancelledSince = successor(reopened, recordIn('CANCELLED', { uniqueKey: key, epoch: 2 }));
      const losing = losesReply(async () => {
        await store.save(cancelledSince, reopened, { wakeBy: null });
        await store.create(rival, { lock: { key, from: { taskId, epoch: 2 } } });
      });
      expect(await losing.save(reopened, failed, reopening)).toEqual({ saved: true });
      expect(await store.read(taskId)).toEqual(cancelledSince);
      expect(await store.readLock(key)).toEqual({ taskId: 'a-rival', epoch: 1 });
    });

    it('a moved look is told as moved', async () => {
      await store.create(pending);
      const resent = { phase: '1.0.PENDING', count: 1, by: 'this-run' };
      const forgetful = emulatedDynamoDb();
      loseReply(forgetful, 'UpdateItemCommand');
      const losing = createDynamoDbTaskStore({ client: forgetful, tableName });
      expect(await losing.moveWake(pending, { wakeAt: fixtureTime + 90_000, resent })).toBe(true);
      expect(await store.read(taskId)).toEqual({ ...pending, wakeAt: fixtureTime + 90_000, resent });
    });
  });

  describe('when only the refused lock was reported', () => {
    it('a create of its own record is told as saved', async () => {
      await store.create(pending, free);
      expect(await saysLittle().create(pending, free)).toEqual({ saved: true });
    });

    it("a create brings another's record", async () => {
      await store.create(pending, free);
      const rival = { ...pending, writer: 'somebody-else' };
      expect(await saysLittle().create(rival, free)).toEqual({ saved: false, current: pending });
    });

    it('a create over an expired record is told that the lock was taken', async () => {
      const lockTaken = { name: 'LockTaken', message: expect.stringContaining(key) };
      await expect(saysLittle().create(pending, free)).rejects.toMatchObject(lockTaken);
      await store.create(recordIn('SUCCESS', { expiresAt: fixtureTime, writer: 'earlier' }));
      await expect(saysLittle().create(pending, free)).rejects.toMatchObject(lockTaken);
    });

    it('a save of its own is told as saved', async () => {
      await fail();
      await store.save(reopened, failed, reopening);
      expect(await saysLittle().save(reopened, failed, reopening)).toEqual({ saved: true });
    });

    it("a save brings another's record, or none", async () => {
      await fail();
      const other = successor(failed, reopened, 'somebody-else');
      await store.save(other, failed, { wakeBy: null });
      const refused = await saysLittle().save(reopened, failed, reopening);
      expect(refused).toEqual({ saved: false, current: other });
      const nobody = { ...reopened, taskId: 'nobody' };
      expect(await saysLittle().save(nobody, { ...failed, taskId: 'nobody' }, reopening)).toEqual({
        saved: false,
        current: null,
      });
    });

    it('a save of the record as it was seen is told that the lock was taken', async () => {
      await fail();
      await expect(saysLittle().save(reopened, failed, reopening)).rejects.toMatchObject({
        name: 'LockTaken',
      });
    });
  });

  it.each(['create', 'save'] as const)('throw what is neither success nor refusal of a %s', async (kind) => {
    await fail();
    const faulty = emulatedDynamoDb();
    const fault = cancelled('None', 'ValidationError');
    beforeCalls(faulty, ({ command }) => {
      if (command === 'TransactWriteItemsCommand') throw fault;
    });
    const faultyStore = createDynamoDbTaskStore({ client: faulty, tableName });
    const another = { ...pending, taskId: 'another' };
    const write =
      kind === 'create' ? faultyStore.create(another, free) : faultyStore.save(reopened, failed, reopening);
    await expect(write).rejects.toBe(fault);
  });
});
