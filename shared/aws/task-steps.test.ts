import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls, loseReply } from '../contracts/inject-faults.ts';
import { fixtureTime, recordIn, successor } from '../contracts/record-fixtures.ts';
import { stepOf } from '../contracts/task-store-steps.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';
import { stepKey } from './record-keys.ts';

const started = recordIn('STARTED');
const { taskId } = started;

describe('steps in the pipeline table', () => {
  const client = emulatedDynamoDb();
  let tableName: string;
  let store: TaskStore;
  beforeEach(async () => {
    tableName = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName });
    await store.create(started);
  });

  it('are deleted 90 days after they were recorded, and stand in no index', async () => {
    await store.saveStep(taskId, stepOf({ at: fixtureTime + 1, position: null, value: null }));
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: stepKey(taskId, 'geocode') }),
    );
    expect(Item).toEqual({
      pk: `task#${taskId}`,
      sk: 'step#geocode',
      taskCreatedAt: fixtureTime,
      claim: 1,
      at: fixtureTime + 1,
      ttl: fixtureTime / 1000 + 1 + 90 * 24 * 3600,
    });
  });

  it('name task and step when they are damaged, and what is wrong', async () => {
    await store.saveStep(taskId, stepOf());
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: stepKey(taskId, 'geocode'),
        UpdateExpression: 'SET claim = :text',
        ExpressionAttributeValues: { ':text': 'mine' },
      }),
    );
    await expect(store.readSteps(taskId)).rejects.toMatchObject({
      name: 'DamagedStep',
      message: expect.stringMatching(`geocode[^]*${taskId}[^]*claim`),
    });
  });

  it('are not written when they are none', async () => {
    await expect(store.saveStep(taskId, stepOf({ position: -1 }))).rejects.toMatchObject({
      name: 'ZodError',
    });
    expect(await store.readSteps(taskId)).toEqual([]);
  });

  it('are read consistently, as many pages as there are', async () => {
    const value = { kind: 'inline', json: 'x'.repeat(350_000) } as const;
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.saveStep(taskId, stepOf({ name, value }));
    const watched = emulatedDynamoDb();
    const reads: object[] = [];
    beforeCalls(watched, ({ input }) => void reads.push(input));
    await createDynamoDbTaskStore({ client: watched, tableName }).readSteps(taskId);
    expect(reads.length).toBeGreaterThan(1);
    for (const read of reads) expect(read).toMatchObject({ ConsistentRead: true });
  });

  it('throw what is neither success nor refusal', async () => {
    const nowhere = createDynamoDbTaskStore({ client, tableName: 'no-such-table' });
    const missing = { name: 'ResourceNotFoundException' };
    await expect(nowhere.saveStep(taskId, stepOf())).rejects.toMatchObject(missing);
    await expect(nowhere.readSteps(taskId)).rejects.toMatchObject(missing);
  });

  it('whose reply was lost are told as recorded, though another has claimed the task since', async () => {
    const forgetful = emulatedDynamoDb();
    const takenOver = successor(started, recordIn('STARTED', { claim: 2 }));
    loseReply(forgetful, 'TransactWriteItemsCommand', () => store.save(takenOver, started, { wakeBy: null }));
    const losing = createDynamoDbTaskStore({ client: forgetful, tableName });
    expect(await losing.saveStep(taskId, stepOf())).toBe(true);
    expect(await store.read(taskId)).toEqual(takenOver);
    expect(await store.readSteps(taskId)).toEqual([stepOf()]);
  });
});
