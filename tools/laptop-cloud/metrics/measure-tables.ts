import * as z from 'zod';
import type { RecordMetric } from './metric-store.ts';

/** A call of DynamoDB that was answered with an error. */
export interface FailedTableCall {
  /** `DynamoDB_20120810.PutItem` and the like. */
  amzTarget: string;
  /** JSON, as is the answer. */
  request: Buffer;
  status: number;
  answer: Buffer;
}

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);

const THROTTLES: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** Answers that DynamoDB counts under names of their own, and not as faults of the caller. */
const EXPECTED: ReadonlySet<string> = new Set([
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'TransactionConflictException',
]);

const OneTable = z.looseObject({ TableName: z.string() });
const Batch = z.looseObject({ RequestItems: z.record(z.string(), z.unknown()) });
const Transaction = z.looseObject({ TransactItems: z.array(z.record(z.string(), OneTable)) });
const ErrorAnswer = z.looseObject({ __type: z.string() });

/**
 * Tells DynamoDB's metrics of a call that failed, for each table that it names; one that succeeded has none of these.
 * Source: Amazon DynamoDB Developer Guide, "DynamoDB metrics and dimensions".
 */
export function measureTables(record: RecordMetric, now: () => number): (call: FailedTableCall) => void {
  return ({ amzTarget, request, status, answer }) => {
    const operation = amzTarget.split('.').at(-1) ?? '';
    const error = ErrorAnswer.safeParse(parse(answer)).data?.__type.split('#').at(-1) ?? '';
    const tell = (name: string, dimensions: Record<string, string>) =>
      record({ namespace: 'AWS/DynamoDB', name, dimensions }, 1, now());

    if (status < 500 && !THROTTLES.has(error)) {
      if (!EXPECTED.has(error)) tell('UserErrors', {});
      return;
    }
    for (const TableName of tablesOf(parse(request))) {
      const call = { TableName, Operation: operation };
      if (status >= 500) tell('SystemErrors', call);
      else {
        tell('ThrottledRequests', call);
        tell(READS.has(operation) ? 'ReadThrottleEvents' : 'WriteThrottleEvents', { TableName });
      }
    }
  };
}

function tablesOf(request: unknown): Set<string> {
  const one = OneTable.safeParse(request).data;
  if (one) return new Set([one.TableName]);
  const batch = Batch.safeParse(request).data;
  if (batch) return new Set(Object.keys(batch.RequestItems));
  const parts = Transaction.safeParse(request).data?.TransactItems ?? [];
  return new Set(parts.flatMap((part) => Object.values(part).map(({ TableName }) => TableName)));
}

/** Null for what is no JSON: a fault may be answered with a page. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
