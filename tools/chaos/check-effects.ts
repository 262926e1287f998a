import { DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { counterPartition, effectCount, isRepeated } from '#functions/toolbox/effect-counter.ts';
import { runSteps } from '#functions/toolbox/specs.ts';
import { createTableClient } from '#tools/laptop-cloud/provision/aws-clients.ts';
import type { LaptopCloud } from '#tools/laptop-cloud/start-laptop-cloud.ts';
import type { ToldTask } from './read-tasks.ts';

/** What became of the effects of steps. */
export interface EffectReport {
  /** Steps that are recorded. */
  readonly recorded: number;
  /** Effects that happened again before their step was recorded: its worker had died, or a reply was lost. */
  readonly unrecorded: number;
  readonly faults: readonly string[];
}

/** The counter of one step. */
export const stepCounter = effectCount.extend({ sk: z.string() });
type StepCounter = z.output<typeof stepCounter>;

const input = z.object({ steps: z.int() });
const result = z.object({ steps: z.int(), effects: z.int(), repeated: z.int() });

/** Looks into the applications' table how often each effect has happened, and compares what the tasks themselves found. */
export async function checkEffects(
  cloud: LaptopCloud,
  tasks: ReadonlyMap<string, ToldTask>,
): Promise<EffectReport> {
  const client = createTableClient(cloud.dynamodbEndpoint);
  const TableName = cloud.outputs['ApplicationTableName'] ?? '';
  const report = { recorded: 0, unrecorded: 0, faults: [] as string[] };
  try {
    for (const task of [...tasks.values()].filter((each) => each.task === runSteps.name)) {
      const counters = await readCounters(DynamoDBDocumentClient.from(client), TableName, task.task_id);
      const known = counters.filter(({ recorded }) => recorded !== null);
      report.recorded += known.length;
      report.unrecorded += known.reduce((sum, { recorded }) => sum + (recorded ?? 1) - 1, 0);
      report.faults.push(...effectFaults(task, counters).map((fault) => `${task.task_id}: ${fault}`));
    }
  } finally {
    client.destroy();
  }
  return report;
}

async function readCounters(
  client: DynamoDBDocumentClient,
  TableName: string,
  taskId: string,
): Promise<StepCounter[]> {
  const pages = paginateQuery(
    { client },
    {
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': counterPartition(taskId) },
      ConsistentRead: true,
    },
  );
  const counters: StepCounter[] = [];
  for await (const { Items = [] } of pages) counters.push(...Items.map((item) => stepCounter.parse(item)));
  return counters;
}

/** What is wrong with a task's effects: some were repeated after they were recorded, or are missing although it succeeded. */
export function effectFaults(task: ToldTask, counters: readonly StepCounter[]): string[] {
  const faults = counters
    .filter(isRepeated)
    .map(
      ({ sk, effects, recorded }) =>
        `effect ${sk} was recorded after ${recorded}, and happened ${effects} times`,
    );
  if (task.state !== 'SUCCESS') return faults;
  const { steps } = input.parse(task.input);
  const known = counters.filter(({ recorded }) => recorded !== null).length;
  if (known < steps) faults.push(`succeeded after ${known} of ${steps} steps`);
  const told = result.safeParse(task.result).data;
  if (told && told.repeated > 0) faults.push(`tells of repeated effects: ${told.repeated}`);
  if (told && (told.steps !== steps || told.effects < steps)) faults.push(`tells of ${told.effects} effects`);
  return faults;
}
