import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { beforeCalls, loseReply } from '../contracts/inject-faults.ts';
import { describeLimitStore } from '../contracts/limit-store-contract.ts';
import { fixtureTime } from '../contracts/record-fixtures.ts';
import type { LimitStore } from '../ports/limit-store.ts';
import { createDynamoDbLimitStore } from './dynamodb-limit-store.ts';
import { limitKey } from './record-keys.ts';

const client = emulatedDynamoDb();
const key = 'rate/test_celery';
const days400 = 400 * 24 * 3600;

describeLimitStore('DynamoDB', async () =>
  createDynamoDbLimitStore({ client, tableName: await createPipelineTable(client) }),
);

describe('limits in the pipeline table', () => {
  let tableName: string;
  let limits: LimitStore;
  beforeEach(async () => {
    tableName = await createPipelineTable(client);
    limits = createDynamoDbLimitStore({ client, tableName }, () => fixtureTime);
  });

  const stored = async () =>
    (await client.send(new GetCommand({ TableName: tableName, Key: limitKey(key) }))).Item;
  const overwrite = (item: Record<string, unknown>) =>
    client.send(new PutCommand({ TableName: tableName, Item: { ...limitKey(key), ...item } }));

  it('are deleted 400 days after their last change, and stand in no index', async () => {
    await limits.save(key, { opensAt: 7 }, null, 'w1');
    const item = {
      ...{ pk: `limit#${key}`, sk: 'limit', value: '{"opensAt":7}', version: 1, writer: 'w1' },
      ttl: fixtureTime / 1000 + days400,
    };
    expect(await stored()).toEqual(item);
    const later = createDynamoDbLimitStore({ client, tableName }, () => fixtureTime + 1);
    await later.save(key, 8, await limits.read(key), 'w2');
    expect(await stored()).toEqual({ ...item, value: '8', version: 2, writer: 'w2', ttl: item.ttl + 1 });
  });

  it('are read consistently, with one call; changed with one more', async () => {
    const watched = emulatedDynamoDb();
    const calls: { command: string; input: object }[] = [];
    beforeCalls(watched, ({ command, input }) => void calls.push({ command, input }));
    const watchedLimits = createDynamoDbLimitStore({ client: watched, tableName });
    await watchedLimits.save(key, 1, await watchedLimits.read(key), 'w1');
    expect(calls).toMatchObject([
      { command: 'GetItemCommand', input: { ConsistentRead: true } },
      { command: 'PutItemCommand', input: { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
    ]);
  });

  it.each([
    ['without a version', { value: '1', writer: 'w1' }, /version/],
    ['with a value that is no JSON', { value: '{', version: 1, writer: 'w1' }, /is not JSON/],
  ])('throw %s, rather than begin anew', async (_, item, fault) => {
    await overwrite(item);
    await expect(limits.read(key)).rejects.toMatchObject({
      ...{ name: 'DamagedLimit', message: expect.stringMatching(fault) },
    });
  });

  it('are told as saved when the reply was lost', async () => {
    const forgetful = emulatedDynamoDb();
    loseReply(forgetful, 'PutItemCommand');
    const losing = createDynamoDbLimitStore({ client: forgetful, tableName });
    expect(await losing.save(key, 'mine', null, 'w1')).toBe(true);
    expect(await limits.read(key)).toEqual({ value: 'mine', version: 1 });
  });

  it('are told as not saved when the reply was lost and somebody has changed them since', async () => {
    const forgetful = emulatedDynamoDb();
    loseReply(forgetful, 'PutItemCommand', async () =>
      limits.save(key, 'theirs', await limits.read(key), 'w2'),
    );
    const losing = createDynamoDbLimitStore({ client: forgetful, tableName });
    expect(await losing.save(key, 'mine', null, 'w1')).toBe(false);
    expect(await limits.read(key)).toEqual({ value: 'theirs', version: 2 });
  });

  it('throw what is neither success nor refusal', async () => {
    const faulty = emulatedDynamoDb();
    const fault = Object.assign(new Error('no such table'), { name: 'ResourceNotFoundException' });
    beforeCalls(faulty, () => {
      throw fault;
    });
    const broken = createDynamoDbLimitStore({ client: faulty, tableName });
    await expect(broken.save(key, 1, null, 'w1')).rejects.toBe(fault);
    await expect(broken.read(key)).rejects.toBe(fault);
  });
});
