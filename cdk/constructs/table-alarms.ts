import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { tablePage } from './console-link.ts';
import { stageAlarm } from './stage-alarm.ts';

/** A table and the names of its indexes, which have throttles of their own. */
export interface WatchedTable {
  readonly table: dynamodb.Table;
  readonly indexes: readonly string[];
}

/** Which tables are watched; the first stands for DynamoDB itself. */
export interface TableAlarmsProps {
  readonly stage: StageSettings;
  readonly tables: readonly [WatchedTable, ...WatchedTable[]];
}

/** Operations that every task takes: where DynamoDB is at fault, they show it. */
const everyTaskTakes = ['GetItem', 'PutItem', 'UpdateItem', 'Query'] as const;

const period = Duration.minutes(1);

/** Tells when tables turn calls away, or DynamoDB itself fails. */
export class TableAlarms extends Construct {
  constructor(scope: Construct, id: string, { stage, tables }: TableAlarmsProps) {
    super(scope, id);
    const [{ table: first }] = tables;
    stageAlarm(this, 'ThrottlesAlarm', {
      stage,
      name: 'dynamodb-throttles',
      meaning:
        'DynamoDB turns calls away: a partition of a table or an index is asked for more than it can do.',
      look: tablePage(first),
      metric: tables.flatMap(throttlesOf),
      // The SDK tries a call again, so a few cost time only.
      from: { dev: 100, staging: 100, prod: 20 },
      periods: { breaching: 2, of: 3 },
    });
    stageAlarm(this, 'SystemErrorsAlarm', {
      stage,
      name: 'dynamodb-system-errors',
      meaning: 'DynamoDB answers with errors of its own.',
      look: tablePage(first),
      metric: everyTaskTakes.map((operation) => onTable('SystemErrors', first, { Operation: operation })),
      from: 5,
      periods: { breaching: 2, of: 3 },
      stopsTasks: true,
    });
  }
}

/** Calls that a table and its indexes turned away; a table's own numbers leave its indexes out. */
export function throttlesOf({ table, indexes }: WatchedTable): Metric[] {
  const places = [{}, ...indexes.map((name) => ({ GlobalSecondaryIndexName: name }))];
  return places.flatMap((place) =>
    ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => onTable(name, table, place)),
  );
}

function onTable(metricName: string, table: dynamodb.Table, dimensions: Record<string, string>): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: table.tableName, ...dimensions },
    period,
    statistic: 'Sum',
  });
}
