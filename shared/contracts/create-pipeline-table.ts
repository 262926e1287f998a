import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { attentionIndex, tableKey, timelineIndex } from '../aws/table-schema.ts';

/** Creates a pipeline table of a name of its own, as the template declares it; returns the name once it can be used. */
export async function createPipelineTable(client: DynamoDBClient): Promise<string> {
  const tableName = `pipeline-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        ...[tableKey, timelineIndex].flatMap(({ partition, sort }) => [text(partition), text(sort)]),
        text(attentionIndex.partition),
        { AttributeName: attentionIndex.sort, AttributeType: 'N' },
      ],
      KeySchema: keySchema(tableKey),
      GlobalSecondaryIndexes: [timelineIndex, attentionIndex].map(
        (index): GlobalSecondaryIndex => ({
          IndexName: index.name,
          KeySchema: keySchema(index),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        }),
      ),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName: tableName });
  return tableName;
}

function text(name: string) {
  return { AttributeName: name, AttributeType: 'S' as const };
}

function keySchema({ partition, sort }: { partition: string; sort: string }) {
  return [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}
