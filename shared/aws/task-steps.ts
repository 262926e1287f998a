import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type StepRecord, stepRecord } from '../lifecycle/step-record.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { withoutNulls } from './record-item.ts';
import { recordKey, stepKey, stepNameOf, stepPrefix } from './record-keys.ts';
import { cancellationReasons, isFailedCondition } from './refused-write.ts';
import { sendTransaction } from './send-transaction.ts';

/** Thrown for an item that is no longer a step: somebody edited the table, or a newer version wrote it. */
export class DamagedStep extends Error {
  override name = 'DamagedStep';
}

/**
 * Seconds that a step is kept after it was recorded: a task that has lost a step would repeat its effect. So this is
 * longer than any task goes unfinished after its first step, and three times what an ended record is kept, which may open
 * a new epoch. That a task may be put off for a year does not count: it has no step by then.
 */
const keepSteps = 90 * 24 * 3600;

/**
 * Records a step under its claim; false when the task is not running under that claim. Costs four write units for a
 * step and a record of up to 1 KB each: a transaction pays double, and for the check of the record too.
 */
export async function saveStep(table: PipelineTable, taskId: string, step: StepRecord): Promise<boolean> {
  const { tableName: TableName } = table;
  const running = {
    TableName,
    Key: recordKey(taskId),
    ConditionExpression: '#claim = :claim AND #state IN (:started, :progress)',
    ExpressionAttributeNames: { '#claim': 'claim', '#state': 'state' },
    ExpressionAttributeValues: { ':claim': step.claim, ':started': 'STARTED', ':progress': 'PROGRESS' },
  };
  try {
    await sendTransaction(table, [
      { ConditionCheck: running },
      { Put: { TableName, Item: toStepItem(taskId, step) } },
    ]);
    return true;
  } catch (error) {
    if (cancellationReasons(error).some(isFailedCondition)) return false;
    throw error;
  }
}

/** All steps of a task, read consistently. Throws DamagedStep. */
export async function readSteps({ client, tableName }: PipelineTable, taskId: string): Promise<StepRecord[]> {
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :steps)',
      ExpressionAttributeValues: { ':pk': recordKey(taskId).pk, ':steps': stepPrefix },
      ConsistentRead: true,
    },
  );
  const steps: StepRecord[] = [];
  for await (const { Items = [] } of pages) steps.push(...Items.map((item) => fromStepItem(taskId, item)));
  return steps;
}

function toStepItem(taskId: string, step: StepRecord): Record<string, unknown> {
  const { name, ...attributes } = stepRecord.parse(step);
  const ttl = Math.ceil(step.at / 1000) + keepSteps;
  return { ...stepKey(taskId, name), ...withoutNulls(attributes), ttl };
}

function fromStepItem(taskId: string, item: Record<string, unknown>): StepRecord {
  const name = stepNameOf(String(item['sk']));
  const parsed = stepRecord.safeParse({ ...item, name });
  if (parsed.success) return parsed.data;
  const faults = z.prettifyError(parsed.error);
  throw new DamagedStep(`step ${name} of task ${taskId} in the pipeline table is damaged:\n${faults}`, {
    cause: parsed.error,
  });
}
