import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import * as z from 'zod';
import {
  type CloudPowers,
  dataPowers,
  isNamed,
  type QueueAlias,
  type ReadQueue,
} from '../e2e/cloud-powers.ts';
import { readLogLine } from '../e2e/log-lines.ts';
import { callAws } from './call-aws.ts';
import type { DeployedStage } from './deploy-stage.ts';

/** What stories may do behind the API of a deployed stage. `close` ends the clients. */
export type DeployedPowers = CloudPowers & { close(): void };

const aliases = ['default', 'priority', 'default dead letters', 'priority dead letters'] as const;
const logGroups = z.object({ logGroups: z.array(z.object({ logGroupName: z.string() })) });
const logEvents = z.object({ events: z.array(z.object({ message: z.string() })) });

/** The powers over a deployed stage, by AWS's own API; the environment says where that is. */
export async function deployedPowers({ account, stage, outputs }: DeployedStage): Promise<DeployedPowers> {
  const sqs = new SQSClient({});
  const s3 = new S3Client({});
  const dynamodb = new DynamoDBClient({});
  const lambda = new LambdaClient({});
  const prefix = `Celeriac-${stage}-Pipeline-`;

  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
  const queueUrl = (queue: QueueAlias) =>
    QueueUrls.find((url) => isNamed(url, queue)) ?? missing(`queue ${queue}`);
  const attributesOf = async (queue: QueueAlias) => {
    const AttributeNames = ['All' as const];
    const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames });
    return (await sqs.send(asked)).Attributes ?? {};
  };
  const count = async (queue: QueueAlias, what: '' | 'NotVisible') =>
    Number((await attributesOf(queue))[`ApproximateNumberOfMessages${what}`]);

  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  const consume = async (queue: ReadQueue, Enabled: boolean) => {
    const { QueueArn } = await attributesOf(queue);
    const { UUID } =
      EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn === QueueArn) ??
      missing(`mapping of the queue ${queue}`);
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  };

  return {
    ...dataPowers({
      ...{ sqs, s3, documents: DynamoDBDocumentClient.from(dynamodb) },
      urlOf: async (queue) => queueUrl(queue),
      pipelineTable: outputs['PipelineTableName'] ?? missing('output PipelineTableName'),
      applicationTable: outputs['ApplicationTableName'] ?? missing('output ApplicationTableName'),
      payloadBucket: outputs['PayloadBucketName'] ?? missing('output PayloadBucketName'),
    }),
    pause: (queue) => consume(queue, false),
    resume: (queue) => consume(queue, true),
    countMessages: (queue) => count(queue, ''),
    async settled() {
      const nothingLeft = async () => {
        const counts = await Promise.all(
          aliases.slice(0, 2).flatMap((queue) => [count(queue, ''), count(queue, 'NotVisible')]),
        );
        if (counts.some((messages) => messages > 0))
          throw new Error(`still in the queues: ${counts.join(', ')}`);
      };
      await vi.waitFor(nothingLeft, { timeout: 30_000, interval: 100 });
    },
    async logged(message) {
      const named = { logGroupNamePrefix: '/' };
      const [groups] = await callAws(account, [['logs', 'describe_log_groups', named]]);
      const names = logGroups
        .parse(groups)
        .logGroups.map(({ logGroupName }) => logGroupName)
        .filter((name) => name.includes(`Celeriac-${stage}-`));
      const answers = await callAws(
        account,
        names.map((logGroupName) => ['logs', 'filter_log_events', { logGroupName }] as const),
      );
      return answers
        .flatMap((answer) => logEvents.parse(answer).events)
        .map((event) => readLogLine(event.message))
        .filter((line) => line !== null)
        .filter((line) => line.message === message);
    },
    close() {
      for (const client of [sqs, s3, dynamodb, lambda]) client.destroy();
    },
  };
}

function missing(what: string): never {
  throw new Error(`the deployed stage has no ${what}`);
}
