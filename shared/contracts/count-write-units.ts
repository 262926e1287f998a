import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

const units = z.object({ CapacityUnits: z.number() });
const consumed = z.object({
  ConsumedCapacity: z.object({
    CapacityUnits: z.number(),
    Table: units,
    GlobalSecondaryIndexes: z.record(z.string(), units).default({}),
  }),
});

/** What one call cost, by where it wrote; `total` is DynamoDB's own sum. */
export interface CallCost {
  readonly total: number;
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

/** Makes every further call of the client ask what it costs; returns the list to which the answers are added. */
export function countUnits(client: DynamoDBDocumentClient): CallCost[] {
  const costs: CallCost[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const reply = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } });
      const { ConsumedCapacity } = consumed.parse(reply.output);
      const indexes = Object.entries(ConsumedCapacity.GlobalSecondaryIndexes).map(
        ([name, { CapacityUnits }]) => [name, CapacityUnits],
      );
      costs.push({
        total: ConsumedCapacity.CapacityUnits,
        table: ConsumedCapacity.Table.CapacityUnits,
        indexes: Object.fromEntries(indexes),
      });
      return reply;
    },
    { step: 'initialize' },
  );
  return costs;
}
