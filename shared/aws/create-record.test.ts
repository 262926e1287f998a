import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls, cancelled, loseReply } from '../contracts/inject-faults.ts';
import { recordIn, successor } from '../contracts/record-fixtures.ts';
import type { AlongsideWrite } from '../ports/alongside-write.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';

const client = emulatedDynamoDb();
const pending = recordIn('PENDING');
const { taskId } = pending;
const key = { pk: 'tenant#acme', sk: 'location#denver' };

describe('a create with writes alongside', () => {
  let tableName: string;
  let store: TaskStore;
  let alongside: AlongsideWrite[];
  beforeEach(async () => {
    tableName = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName });
    alongside = [{ table: tableName, key, item: { ...key, name: 'Denver' }, onlyIf: 'absent' }];
  });

  /** The store through a client to which DynamoDB tells of the second action's failed condition only. */
  function saysLittle(): TaskStore {
    const terse = emulatedDynamoDb();
    beforeCalls(terse, ({ command }) => {
      if (command === 'TransactWriteItemsCommand') throw cancelled('None', 'ConditionalCheckFailed');
    });
    return createDynamoDbTaskStore({ client: terse, tableName });
  }

  it('whose reply was lost is told as saved, though a worker has claimed the task since', async () => {
    const forgetful = emulatedDynamoDb();
    const claimed = successor(pending, recordIn('STARTED'));
    loseReply(forgetful, 'TransactWriteItemsCommand', () => store.save(claimed, pending, { wakeBy: null }));
    const losing = createDynamoDbTaskStore({ client: forgetful, tableName });
    expect(await losing.create(pending, { alongside })).toEqual({ saved: true });
    expect(await store.read(taskId)).toEqual(claimed);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: key }));
    expect(Item).toEqual({ ...key, name: 'Denver' });
  });

  it('is told as saved when only the write alongside was reported, and the record is its own', async () => {
    await store.create(pending, { alongside });
    expect(await saysLittle().create(pending, { alongside })).toEqual({ saved: true });
  });

  it("brings the record when only the write alongside was reported, and the record is another's", async () => {
    await store.create(pending);
    const rival = recordIn('PENDING', { writer: 'somebody-else' });
    expect(await saysLittle().create(rival, { alongside })).toEqual({ saved: false, current: pending });
  });

  it('is refused when the write alongside was reported and there is no record', async () => {
    const refusal = { name: 'AlongsideRefused', message: expect.stringContaining(key.sk) };
    await expect(saysLittle().create(pending, { alongside })).rejects.toMatchObject(refusal);
  });

  it('throws what is neither success nor refusal', async () => {
    const elsewhere = [{ table: 'no-such-table', key, item: null, onlyIf: 'absent' as const }];
    await expect(store.create(pending, { alongside: elsewhere })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    expect(await store.read(taskId)).toBeNull();
  });
});
