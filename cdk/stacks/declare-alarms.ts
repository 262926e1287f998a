import type { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { attentionIndex, timelineIndex } from '#shared/aws/table-schema.ts';
import type { HttpApi } from '../constructs/http-api.ts';
import { NodeFunction } from '../constructs/node-function.ts';
import { alarmsIn, notifyOfAlarms } from '../constructs/notify-of-alarms.ts';
import { PipelineAlarms } from '../constructs/pipeline-alarms.ts';
import { PipelineDashboard } from '../constructs/pipeline-dashboard.ts';
import { PipelineHealth } from '../constructs/pipeline-health.ts';
import { TableAlarms, type WatchedTable } from '../constructs/table-alarms.ts';
import type { TaskQueue } from '../constructs/task-queue.ts';
import type { StageSettings } from '../stages.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** What the stack has declared by then, as far as it cannot be found. */
interface Declared {
  readonly stage: StageSettings;
  readonly stateful: StatefulStack;
  readonly api: HttpApi;
  readonly queues: readonly TaskQueue[];
}

/**
 * Declares the alarms that watch more than one construct, which bring their own, the dashboard, and who is told. Called at the
 * end: a function, rule or alarm that is declared later is neither watched nor told of.
 */
export function declareAlarms(stack: Stack, { stage, stateful, api, queues }: Declared): void {
  const functions = stack.node.findAll().filter((each) => each instanceof NodeFunction);
  const rules = stack.node.findAll().filter((each) => each instanceof events.Rule);
  const tables: readonly [WatchedTable, WatchedTable] = [
    { table: stateful.pipelineTable.table, indexes: [attentionIndex.name, timelineIndex.name] },
    { table: stateful.applicationTable.table, indexes: [] },
  ];
  const { topic } = stateful.alarmTopic;
  new TableAlarms(stack, 'TableAlarms', { stage, tables });
  new PipelineAlarms(stack, 'PipelineAlarms', { stage, functions, rules });
  notifyOfAlarms(stack, topic);
  const alarms = alarmsIn(stack);
  new PipelineHealth(stack, 'PipelineHealth', { stage, alarms, topic });
  new PipelineDashboard(stack, 'PipelineDashboard', { stage, alarms, api, queues, functions, tables });
}
