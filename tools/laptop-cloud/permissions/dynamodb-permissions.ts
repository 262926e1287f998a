import * as z from 'zod';
import type { NeededPermission } from './judge.ts';
import { laptopArn } from './laptop-arn.ts';

/** Actions on one table, which the request names. */
const ON_TABLE = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'DescribeTable',
  'DescribeTimeToLive',
  'DescribeContinuousBackups',
];

/** Actions on a table, or on the index alone where the request names one. */
const ON_TABLE_OR_INDEX = ['Query', 'Scan'];

/** Actions on several tables, under the operation's own name. */
const ON_TABLES = ['BatchGetItem', 'BatchWriteItem'];

/** What the parts of a transaction are under IAM: it has no action of its own. */
const IN_TRANSACTION = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

const Table = z.looseObject({ TableName: z.string() });
const TableOrIndex = Table.extend({ IndexName: z.string().optional() });
const Tables = z.looseObject({ RequestItems: z.record(z.string(), z.unknown()) });
const Transaction = z.looseObject({
  TransactItems: z.array(
    z.partialRecord(z.enum(Object.keys(IN_TRANSACTION) as (keyof typeof IN_TRANSACTION)[]), Table),
  ),
});

/**
 * The permissions that a DynamoDB operation takes; null for one that is not known here.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB"; for
 * transactions "Using IAM with DynamoDB transactions" in the DynamoDB Developer Guide.
 * @throws z.ZodError when the request does not name its table
 */
export function dynamodbPermissions(operation: string, request: unknown): NeededPermission[] | null {
  const action = `dynamodb:${operation}`;
  if (ON_TABLE.includes(operation)) {
    return [{ action, resource: tableArn(Table.parse(request).TableName) }];
  }
  if (ON_TABLE_OR_INDEX.includes(operation)) {
    const { TableName, IndexName } = TableOrIndex.parse(request);
    const table = tableArn(TableName);
    return [{ action, resource: IndexName === undefined ? table : `${table}/index/${IndexName}` }];
  }
  if (ON_TABLES.includes(operation)) {
    const tables = Object.keys(Tables.parse(request).RequestItems);
    return tables.map((table) => ({ action, resource: tableArn(table) }));
  }
  if (operation === 'TransactGetItems' || operation === 'TransactWriteItems') {
    return Transaction.parse(request).TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName }]) => ({
        action: `dynamodb:${IN_TRANSACTION[kind as keyof typeof IN_TRANSACTION]}`,
        resource: tableArn(TableName),
      })),
    );
  }
  return null;
}

/** A request names a table by its name or its ARN. */
function tableArn(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : laptopArn('dynamodb', `table/${nameOrArn}`);
}
