import * as z from 'zod';
import type { Assembly } from './assembly/read-assembly.ts';
import { createBuckets } from './provision/create-buckets.ts';
import { createQueues } from './provision/create-queues.ts';
import { createTables, type ProvisionedTable } from './provision/create-tables.ts';
import { createTopics, type ProvisionedTopic } from './provision/create-topics.ts';
import {
  type IdentifiedAssembly,
  identifyResources,
  type ResolvedResource,
} from './provision/identify-resources.ts';
import type { Backends } from './start-backends.ts';

/** An assembly whose queues, topics, buckets and tables exist. */
export interface ProvisionedAssembly {
  identified: IdentifiedAssembly;
  queueNames: string[];
  /** The queues that others move their dead letters to. */
  deadLetterQueueNames: string[];
  tables: ProvisionedTable[];
  topics: ProvisionedTopic[];
}

/**
 * Creates or updates an assembly's queues, topics, buckets and tables on the emulators; what they hold stays.
 * @param options.apiUrl the gateway's
 */
export async function provisionAssembly(
  assembly: Assembly,
  backends: Backends,
  options: { apiUrl: string; parameters: Readonly<Record<string, string>> },
): Promise<ProvisionedAssembly> {
  // Of all that a template says, functions alone call queues by it.
  const endpoints = { queues: backends.forFunctions.queuesUrl, api: options.apiUrl };
  const identified = identifyResources(assembly, endpoints, { ssm: options.parameters });
  const queues = identified.resources('AWS::SQS::Queue');
  const [, , tables] = await Promise.all([
    createQueues(queues, { client: backends.sqs, url: backends.queuesUrl }),
    createBuckets(identified.resources('AWS::S3::Bucket'), backends.s3),
    createTables(
      identified.resources('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'),
      backends.dynamodb,
    ),
  ]);
  for (const { stack, logicalId, streamArn } of tables) {
    if (streamArn !== undefined) identified.setAttributes(stack, logicalId, { StreamArn: streamArn });
  }
  const topics = await createTopics(identified, backends.callTopics);
  return {
    identified,
    queueNames: queues.map(({ name }) => name),
    deadLetterQueueNames: [...new Set(queues.flatMap(deadLetterQueueOf))],
    tables,
    topics,
  };
}

const Redriving = z.object({ RedrivePolicy: z.object({ deadLetterTargetArn: z.string() }) });

function deadLetterQueueOf({ properties }: ResolvedResource): string[] {
  const arn = Redriving.safeParse(properties).data?.RedrivePolicy.deadLetterTargetArn;
  return arn === undefined ? [] : [arn.slice(arn.lastIndexOf(':') + 1)];
}

/** The outputs of all stacks that an operator would look at: not those by which CDK links one stack to another. */
export function readOutputs(assembly: Assembly, { resolver }: IdentifiedAssembly): Record<string, string> {
  const outputs = assembly.stacks.flatMap(({ name }) => Object.entries(resolver.outputs(name)));
  return Object.fromEntries(
    outputs
      .filter(([name]) => !name.startsWith('ExportsOutput'))
      .map(([name, value]) => [name, String(value)]),
  );
}
