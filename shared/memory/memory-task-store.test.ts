import { expect, it } from 'vitest';
import { recordIn } from '../contracts/record-fixtures.ts';
import { describeTaskStore } from '../contracts/task-store-contract.ts';
import { createMemoryTaskStore } from './memory-task-store.ts';

const table = 'application';

describeTaskStore(
  'memory',
  async () => createMemoryTaskStore(),
  async () => {
    const store = createMemoryTaskStore();
    return { store, table, entity: async (key) => store.entity(table, key) };
  },
);

it('shares no object with its callers', async () => {
  const store = createMemoryTaskStore();
  const record = recordIn('PENDING');
  await store.create(record);
  record.tags.push('changed after create');
  const read = await store.read(record.taskId);
  read?.tags.push('changed after read');
  store.records()[0]?.tags.push('changed after records');
  (await store.list({ tenant: record.tenant, limit: 1, now: record.createdAt })).items[0]?.tags.push(
    'listed',
  );
  expect((await store.read(record.taskId))?.tags).toEqual([]);
});
