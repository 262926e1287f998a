import { createPipelineTable } from '../contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '../contracts/emulator-clients.ts';
import { describeWorkerHeartbeats } from '../contracts/worker-heartbeats-contract.ts';
import { createDynamoDbHeartbeats } from './dynamodb-heartbeats.ts';

const client = emulatedDynamoDb();

describeWorkerHeartbeats('DynamoDB', async () =>
  createDynamoDbHeartbeats({ client, tableName: await createPipelineTable(client) }),
);
