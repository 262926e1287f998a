import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { recordIn } from '../contracts/record-fixtures.ts';
import { readBatch } from './batch-read.ts';
import { createRecord } from './create-record.ts';

const taskIds = ['a', 'b', 'c', 'd', 'e'];

const batchInput = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(z.record(z.string(), z.unknown())) })),
});

/** A client through which DynamoDB seems to process only the first `most` keys of every batch. */
function throttled(most: number): { client: DynamoDBDocumentClient; batches: number[] } {
  const client = emulatedDynamoDb();
  const batches: number[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const batch = batchInput.safeParse(args.input).data;
      const [tableName, keys] = Object.entries(batch?.RequestItems ?? {})[0] ?? [];
      if (tableName === undefined || keys === undefined) return next(args);
      batches.push(keys.Keys.length);
      // The real service answers; what it would not have processed is kept from it, or its answer thrown away.
      const sent = most > 0 ? keys.Keys.slice(0, most) : keys.Keys;
      const reply = await next({
        ...args,
        input: { ...args.input, RequestItems: { [tableName]: { Keys: sent } } },
      });
      if (most === 0) Object.assign(reply.output, { Responses: {} });
      const rest = keys.Keys.slice(most);
      Object.assign(reply.output, {
        UnprocessedKeys: rest.length > 0 ? { [tableName]: { Keys: rest } } : {},
      });
      return reply;
    },
    { step: 'initialize' },
  );
  return { client, batches };
}

it('asks again for the keys that DynamoDB left unprocessed', async () => {
  const { client, batches } = throttled(2);
  const table = { client, tableName: await createPipelineTable(client) };
  for (const taskId of taskIds) await createRecord(table, recordIn('PENDING', { taskId }));
  const records = await readBatch(table, [...taskIds, 'missing']);
  expect([...records.keys()].toSorted()).toEqual(taskIds);
  expect(batches).toEqual([6, 4, 2]);
});

it('gives up after five tries, saying what is unread', async () => {
  const { client, batches } = throttled(0);
  const table = { client, tableName: await createPipelineTable(client) };
  await expect(readBatch(table, taskIds)).rejects.toThrow(`left 5 records of ${table.tableName} unread`);
  expect(batches).toEqual([5, 5, 5, 5, 5]);
});

it('asks nothing for no ids', async () => {
  const { client, batches } = throttled(2);
  expect(await readBatch({ client, tableName: 'any' }, [])).toEqual(new Map());
  expect(batches).toEqual([]);
});
