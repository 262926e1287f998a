import { beforeEach, describe, expect, it } from 'vitest';
import { type CallCost, countUnits } from '../contracts/count-write-units.ts';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { fixtureTime, recordIn, successor } from '../contracts/record-fixtures.ts';
import { stepOf } from '../contracts/task-store-steps.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { createDynamoDbTaskStore } from './dynamodb-task-store.ts';

const pending = recordIn('PENDING');
const started = successor(pending, recordIn('STARTED'), '019aa7c1-5c01-7000-8000-000000000002');
const succeeded = successor(started, recordIn('SUCCESS'), '019aa7c1-5c01-7000-8000-000000000003');

describe('write units, as DynamoDB bills them', () => {
  let store: TaskStore;
  let costs: CallCost[];
  let applicationTable: string;
  beforeEach(async () => {
    const client = emulatedDynamoDb();
    const tableName = await createPipelineTable(client);
    applicationTable = await createPipelineTable(client);
    store = createDynamoDbTaskStore({ client, tableName });
    costs = countUnits(client);
  });

  it('are six for a task of up to 1 KB from submit to success', async () => {
    await store.create(pending);
    await store.save(started, pending, { wakeBy: fixtureTime + 50_400 });
    await store.save(succeeded, started, { wakeBy: null });
    expect(costs).toEqual([
      { total: 3, table: 1, indexes: { timeline: 1, attention: 1 } },
      { total: 1, table: 1, indexes: {} },
      { total: 2, table: 1, indexes: { attention: 1 } },
    ]);
  });

  it('are one for a progress report', async () => {
    await store.create(pending);
    await store.save(started, pending, { wakeBy: fixtureTime + 50_400 });
    const progress = successor(started, recordIn('PROGRESS'));
    await store.save(progress, started, { wakeBy: fixtureTime + 50_400 });
    expect(costs.at(-1)).toEqual({ total: 1, table: 1, indexes: {} });
  });

  it('are four for a step: twice the step, and twice the record that is checked', async () => {
    await store.create(started);
    await store.saveStep(started.taskId, stepOf());
    expect(costs.at(-1)).toEqual({ total: 4, table: 4, indexes: {} });
  });

  it('are three more for a submit with one write alongside: the record twice, and twice that write', async () => {
    const key = { pk: 'tenant#acme', sk: 'location#denver' };
    const item = { ...key, name: 'Denver', version: 1 };
    const alongside = [{ table: applicationTable, key, item, onlyIf: 'absent' as const }];
    await store.create(pending, { alongside });
    expect(costs).toEqual([{ total: 6, table: 4, indexes: { timeline: 1, attention: 1 } }]);
  });

  it('are three more for a submit with a unique lock: the record twice, and twice the lock', async () => {
    await store.create(pending, { lock: { key: 'a-lock', from: null } });
    expect(costs).toEqual([{ total: 6, table: 4, indexes: { timeline: 1, attention: 1 } }]);
  });

  it('are three when the reconciler moves a look: one for the table, a delete and a put for the index', async () => {
    await store.create(pending);
    const resent = { phase: '1.0.PENDING', count: 1, by: '019aa7c1-5c01-7000-8000-000000000004' };
    await store.moveWake(pending, { wakeAt: fixtureTime + 90_000, resent });
    expect(costs.at(-1)).toEqual({ total: 3, table: 1, indexes: { attention: 2 } });
  });
});
