import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import * as z from 'zod';

/** What a small function of ours must load: the start-up of others is measured against it. */
const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient());
const sqs = new SQSClient();
const log = new Logger({ serviceName: 'reference' });
const input = z.object({ id: z.string() });

/** Uses everything once, so that nothing is left out of the bundle. */
export const handler = middy(async (event: unknown) => {
  const { id } = input.parse(event);
  const found = await dynamoDb.send(new GetCommand({ TableName: 'reference', Key: { id } }));
  log.info('read', { found: found.Item !== undefined, region: await sqs.config.region() });
});
