import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

const units = z.object({ CapacityUnits: z.number() });
const ofTable = z.object({
  CapacityUnits: z.number(),
  Table: units,
  GlobalSecondaryIndexes: z.record(z.string(), units).default({}),
});
/** A transaction answers with a list, one for each table. */
const consumed = z.object({
  ConsumedCapacity: z.union([ofTable.transform((one) => [one]), z.array(ofTable)]),
});

/** What one call cost, by where it wrote, in all tables; `total` is DynamoDB's own sum. */
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
      const indexes = ConsumedCapacity.flatMap(({ GlobalSecondaryIndexes }) =>
        Object.entries(GlobalSecondaryIndexes).map(([name, { CapacityUnits }]) => [name, CapacityUnits]),
      );
      costs.push({
        total: sum(ConsumedCapacity),
        table: sum(ConsumedCapacity.map(({ Table }) => Table)),
        indexes: Object.fromEntries(indexes),
      });
      return reply;
    },
    { step: 'initialize' },
  );
  return costs;
}

function sum(parts: readonly z.output<typeof units>[]): number {
  return parts.reduce((total, { CapacityUnits }) => total + CapacityUnits, 0);
}
