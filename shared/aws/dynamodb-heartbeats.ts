import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { WorkerHeartbeats } from '../ports/worker-heartbeats.ts';
import type { PipelineTable } from './pipeline-table.ts';

const heartbeatItem = z.object({ at: z.int() });

/** Heartbeats in the pipeline table, one item a worker. Every call throws what DynamoDB throws. */
export function createDynamoDbHeartbeats({ client, tableName }: PipelineTable): WorkerHeartbeats {
  return {
    async beat(worker, at) {
      await client.send(new PutCommand({ TableName: tableName, Item: { ...keyOf(worker), at } }));
    },
    async last(worker) {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: keyOf(worker) }));
      return Item ? heartbeatItem.parse(Item).at : null;
    },
  };
}

function keyOf(worker: string) {
  return { pk: `heartbeat#${worker}`, sk: 'heartbeat' };
}
