import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { issueToken } from '#tools/cli/issue-token.ts';
import { runLaptop } from '#tools/cli/run-laptop.ts';
import { countMessages } from '#tools/laptop-cloud/laptop-status.ts';
import {
  createBucketClient,
  createQueueClient,
  createTableClient,
} from '#tools/laptop-cloud/provision/aws-clients.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import type { Api } from './api-calls.ts';
import { makeDataDir } from './data-dir.ts';
import { type Grant, rolesWithout } from './grants.ts';

const constructs = {
  default: 'DefaultQueue',
  priority: 'PriorityQueue',
  geo_processing: 'GeoProcessingQueue',
} as const satisfies Record<QueueName, string>;

/** An action that functions whose name holds `fn` lack on what holds `resource` in its name. */
export interface Lack {
  readonly action: string;
  readonly resource: string;
  readonly fn: string;
  /** Whether the first call that takes it is let through. @default false */
  readonly afterFirst?: boolean;
}

/** What a story about grants is told with: the API as a tenant of its own, and the laptop's own hands. */
export interface GrantWorld {
  readonly api: Api;
  readonly sqs: SQSClient;
  /** Aborted when the story is not to be told any further. */
  readonly signal: AbortSignal;
  queueUrl(queue: QueueName): string;
  deadLetterUrl(queue: QueueName): string;
  countLetters(queue: QueueName): Promise<{ readonly all: number; readonly visible: number }>;
  pauseQueue(queue: QueueName, paused: boolean): Promise<void>;
  settled(): Promise<void>;
  /** Moves the clock by seconds. */
  advance(seconds: number): Promise<void>;
  /** Lets the time of a task's result be over. */
  expireResult(taskId: string): Promise<void>;
  /** Calls the beat as a schedule's rule does. */
  beat(schedule: string, time: string): Promise<void>;
  /** Two o'clock of a night that no story had before, ISO-8601 UTC. */
  nextNight(): string;
  /** Forgets what is stored beside a task's record. */
  removePayloads(taskId: string): Promise<void>;
  /** Has something done while functions lack what they are given. */
  without(lack: Lack, act: () => Promise<void>): Promise<void>;
}

/** A short story that takes some of the functions' grants; rejects when it does not end as it should. */
export interface GrantStory {
  readonly name: string;
  tell(world: GrantWorld): Promise<void>;
}

/** A laptop cloud for stories about grants. */
export interface GrantCloud {
  readonly cloud: LaptopCloud;
  /** Denials that were logged so far and that no story has asked for. */
  readonly denials: readonly string[];
  /** Hears of every line that the cloud logs until the function it returns is called. */
  onLine(hear: (line: string) => void): () => void;
  world(signal: AbortSignal): Promise<GrantWorld>;
  stop(): Promise<void>;
}

/** Starts it, with a stand-in for Mapbox. */
export async function startGrantCloud(): Promise<GrantCloud> {
  await using started = new AsyncDisposableStack();
  const dataDir = await makeDataDir();
  started.defer(() => dataDir.remove());
  const denials: string[] = [];
  const hearers = new Set<(line: string) => void>();
  const lacks = new Set<Lack>();
  const { cloud, stop } = await runLaptop({
    ...{ dataDir: dataDir.path, port: 0, fresh: false, mapbox: null },
    log: (line) => {
      if (line.startsWith('permissions: ') && ![...lacks].some((lack) => isDenialFor(line, lack)))
        denials.push(line);
      for (const hear of hearers) hear(line);
    },
  });
  started.defer(stop);
  const sqs = createQueueClient(cloud.sqsEndpoint);
  const s3 = createBucketClient(cloud.s3Endpoint);
  const dynamodb = createTableClient(cloud.dynamodbEndpoint);
  for (const client of [sqs, s3, dynamodb]) started.defer(() => client.destroy());
  const output = (name: string) => cloud.outputs[name] ?? missing(`output ${name}`);
  const pipelineTable = output('PipelineTableName');
  const documents = DynamoDBDocumentClient.from(dynamodb);
  let tenants = 0;
  let nights = 0;

  const mappingOf = (queue: QueueName) => {
    const mapping = cloud.mappings.find(({ spec }) => spec.queue.name.includes(constructs[queue]));
    return mapping ?? missing(`mapping of ${queue}`);
  };
  const status = (await cloud.status()) as { queues: { name: string }[] };
  const deadLetterUrl = (queue: QueueName) => {
    const construct = `${constructs[queue]}DeadLetters`;
    const found = status.queues.find(({ name }) => name.includes(construct));
    return `${cloud.queueUrlBase}/${found?.name ?? missing(construct)}`;
  };

  const world = async (signal: AbortSignal): Promise<GrantWorld> => {
    const tenant = `story-${++tenants}`;
    const wanted = { name: 'story', tenant, scopes: ['admin'] } as const;
    const token = await issueToken({ tableName: pipelineTable, endpoint: cloud.dynamodbEndpoint }, wanted);
    return {
      api: { url: cloud.url, token },
      ...{ sqs, signal, deadLetterUrl },
      queueUrl: (queue) => `${cloud.queueUrlBase}/${mappingOf(queue).spec.queue.name}`,
      countLetters: async (queue) => {
        const { visible, inFlight } = await countMessages(sqs, deadLetterUrl(queue));
        return { visible, all: visible + inFlight };
      },
      pauseQueue: (queue, paused) => mappingOf(queue).setEnabled(!paused),
      settled: () => cloud.settled(),
      async expireResult(taskId) {
        await documents.send(
          new UpdateCommand({
            TableName: pipelineTable,
            Key: { pk: `task#${taskId}`, sk: 'task' },
            UpdateExpression: 'SET resultExpiresAt = :past',
            ExpressionAttributeValues: { ':past': 0 },
          }),
        );
      },
      async advance(seconds) {
        await cloud.advance(seconds * 1000);
      },
      async beat(schedule, time) {
        const beat = [...cloud.functions.values()].find(({ name }) => name.includes('Beat'));
        const result = await (beat ?? missing('beat')).invoke({ id: `rule-${time}`, time, schedule });
        if (!result.ok) throw new Error(`the beat failed: ${result.errorMessage}`);
      },
      nextNight: () => new Date(Date.UTC(2026, 0, 1 + nights++, 2)).toISOString().replace('.000', ''),
      async removePayloads(taskId) {
        const Bucket = output('PayloadBucketName');
        const found = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `payloads/${taskId}/` }));
        for (const { Key } of found.Contents ?? []) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      },
      async without(lack, act) {
        const { roles } = cloud.permissions;
        const change = () =>
          cloud.permissions.change({ roles: rolesWithout(roles, (grant) => isLacked(grant, lack)) });
        const stop = cloud.permissions.listen((fn, needed) => {
          // The call that is heard of is judged by the role as it was.
          if (lack.afterFirst === true && isLacked({ fn, ...needed }, lack)) change();
        });
        if (lack.afterFirst !== true) change();
        lacks.add(lack);
        try {
          await act();
        } finally {
          stop();
          lacks.delete(lack);
          cloud.permissions.change({ roles });
        }
      },
    };
  };
  const running = started.move();
  return {
    ...{ cloud, denials, world },
    onLine: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    stop: () => running.disposeAsync(),
  };
}

function isLacked(grant: Grant, { action, resource, fn }: Lack): boolean {
  return grant.action === action && grant.resource.includes(resource) && grant.fn.includes(fn);
}

function isDenialFor(line: string, { action, resource, fn }: Lack): boolean {
  return [fn, ` may not ${action} on `, resource].every((part) => line.includes(part));
}

function missing(what: string): never {
  throw new Error(`the laptop cloud has no ${what}`);
}
