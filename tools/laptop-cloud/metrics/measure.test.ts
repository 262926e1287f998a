import { describe, expect, it } from 'vitest';
import type { QueueState } from '../emulators/inspect-queues.ts';
import { measureApi } from './measure-api.ts';
import { measureFunctions } from './measure-functions.ts';
import { measureQueues } from './measure-queues.ts';
import { measureRules } from './measure-rules.ts';
import { measureTables } from './measure-tables.ts';
import type { RecordMetric } from './metric-store.ts';

const NOW = Date.parse('2026-11-01T12:00:00Z');
const HOUR = 3_600_000;

/** What was recorded: `Namespace Name {Dimension=value} value`, with the moment behind when it is another than NOW. */
function recorder() {
  const told: string[] = [];
  const record: RecordMetric = ({ namespace, name, dimensions }, value, at) => {
    const of = Object.entries(dimensions).map(([key, text]) => `${key}=${text}`);
    told.push(`${namespace} ${name} {${of.join()}} ${value}${at === NOW ? '' : ` at ${at - NOW}`}`);
  };
  return { record, take: () => told.splice(0).toSorted() };
}

describe('functions', () => {
  it('tell how an invocation ended, in the minute in which it began, and how many run', () => {
    const { record, take } = recorder();
    const functions = measureFunctions(record, () => NOW);
    functions.tell('api', { kind: 'began', running: 1 });
    functions.tell('worker', { kind: 'began', running: 1 });
    expect(take()).toEqual([
      'AWS/Lambda ConcurrentExecutions {FunctionName=api} 1',
      'AWS/Lambda ConcurrentExecutions {FunctionName=worker} 1',
      'AWS/Lambda ConcurrentExecutions {} 1',
      'AWS/Lambda ConcurrentExecutions {} 2',
    ]);
    functions.tell('api', { kind: 'ended', startedAt: NOW - 90_000, durationMs: 12.5, ok: false });
    expect(take().filter((line) => line.includes('=api'))).toEqual([
      'AWS/Lambda Duration {FunctionName=api} 12.5 at -90000',
      'AWS/Lambda Errors {FunctionName=api} 1 at -90000',
      'AWS/Lambda Invocations {FunctionName=api} 1 at -90000',
      'AWS/Lambda Throttles {FunctionName=api} 0 at -90000',
    ]);
    functions.sample(NOW + 60_000);
    expect(take()).toEqual([
      'AWS/Lambda ConcurrentExecutions {FunctionName=worker} 1 at 60000',
      'AWS/Lambda ConcurrentExecutions {} 1 at 60000',
    ]);
  });

  it('tell that an invocation found no room', () => {
    const { record, take } = recorder();
    measureFunctions(record, () => NOW).tell('api', { kind: 'waits' });
    expect(take()).toEqual(['AWS/Lambda Throttles {FunctionName=api} 1', 'AWS/Lambda Throttles {} 1']);
  });
});

describe('queues', () => {
  const state = (given: Partial<QueueState> = {}): QueueState => ({
    ...{ name: 'letters', visible: 0, notVisible: 0, delayed: 0, oldestSentAt: null },
    ...given,
  });

  it('tell their counts, and the age of the oldest message in seconds', () => {
    const { record, take } = recorder();
    measureQueues(record, () => false)([state({ visible: 2, oldestSentAt: NOW - 90_500 })], NOW);
    expect(take()).toEqual([
      'AWS/SQS ApproximateAgeOfOldestMessage {QueueName=letters} 90',
      'AWS/SQS ApproximateNumberOfMessagesDelayed {QueueName=letters} 0',
      'AWS/SQS ApproximateNumberOfMessagesNotVisible {QueueName=letters} 0',
      'AWS/SQS ApproximateNumberOfMessagesVisible {QueueName=letters} 2',
    ]);
  });

  it('tell zeros for six hours after they held something, and as long as they are polled; else nothing', () => {
    const { record, take } = recorder();
    const measure = measureQueues(record, (name) => name === 'polled');
    measure([state()], NOW);
    expect(take()).toEqual([]);
    measure([state({ name: 'polled' })], NOW);
    expect(take()).toHaveLength(4);
    measure([state({ delayed: 1 })], NOW);
    measure([state()], NOW + 6 * HOUR);
    expect(take()).toHaveLength(8);
    measure([state()], NOW + 6 * HOUR + 60_000);
    expect(take()).toEqual([]);
  });
});

describe('an HTTP API', () => {
  it('tells of every request whether it was in error, so that sums count and averages are shares', () => {
    const { record, take } = recorder();
    const measure = measureApi(record, { id: 'a1', stage: '$default' });
    measure({ status: 404, at: NOW, latencyMs: 3, integrationLatencyMs: null });
    const lines = take();
    expect(lines.filter((line) => line.includes('{ApiId=a1}'))).toEqual([
      'AWS/ApiGateway 4xx {ApiId=a1} 1',
      'AWS/ApiGateway 5xx {ApiId=a1} 0',
      'AWS/ApiGateway Count {ApiId=a1} 1',
      'AWS/ApiGateway Latency {ApiId=a1} 3',
    ]);
    expect(lines.filter((line) => line.includes('{ApiId=a1,Stage=$default}'))).toHaveLength(4);
    measure({ status: 503, at: NOW, latencyMs: 3, integrationLatencyMs: 2 });
    expect(take()).toEqual(
      expect.arrayContaining([
        'AWS/ApiGateway 5xx {ApiId=a1} 1',
        'AWS/ApiGateway IntegrationLatency {ApiId=a1} 2',
      ]),
    );
  });
});

describe('rules', () => {
  it.each([
    ['triggered', ['TriggeredRules']],
    ['invoked', ['Invocations']],
    ['undelivered', ['FailedInvocations', 'Invocations']],
    ['sent to dead letters', ['Invocations', 'InvocationsSentToDlq']],
    ['dead letter lost', ['FailedInvocations', 'Invocations', 'InvocationsFailedToBeSentToDlq']],
  ] as const)('that are %s count as %s', (event, names) => {
    const { record, take } = recorder();
    measureRules(record, () => NOW)('nightly', event);
    const lines = take();
    expect(lines.filter((line) => line.includes('='))).toEqual(
      names.map((name) => `AWS/Events ${name} {RuleName=nightly} 1`),
    );
    expect(lines).toHaveLength(2 * names.length);
  });
});

describe('tables', () => {
  const answered = (operation: string, request: object, status: number, error: string) => {
    const { record, take } = recorder();
    measureTables(
      record,
      () => NOW,
    )({
      amzTarget: `DynamoDB_20120810.${operation}`,
      request: Buffer.from(JSON.stringify(request)),
      status,
      answer: Buffer.from(
        error.startsWith('<') ? error : JSON.stringify({ __type: `com.amazonaws#${error}` }),
      ),
    });
    return take();
  };

  it('tell of throttles by operation, and of reads and writes apart', () => {
    expect(answered('Query', { TableName: 't' }, 400, 'ProvisionedThroughputExceededException')).toEqual([
      'AWS/DynamoDB ReadThrottleEvents {TableName=t} 1',
      'AWS/DynamoDB ThrottledRequests {TableName=t,Operation=Query} 1',
    ]);
    const parts = { TransactItems: [{ Put: { TableName: 't' } }, { ConditionCheck: { TableName: 'u' } }] };
    expect(answered('TransactWriteItems', parts, 400, 'ThrottlingException')).toEqual([
      'AWS/DynamoDB ThrottledRequests {TableName=t,Operation=TransactWriteItems} 1',
      'AWS/DynamoDB ThrottledRequests {TableName=u,Operation=TransactWriteItems} 1',
      'AWS/DynamoDB WriteThrottleEvents {TableName=t} 1',
      'AWS/DynamoDB WriteThrottleEvents {TableName=u} 1',
    ]);
  });

  it('tell of faults of their own, whatever the answer says', () => {
    expect(answered('BatchGetItem', { RequestItems: { t: {} } }, 500, 'InternalServerError')).toEqual([
      'AWS/DynamoDB SystemErrors {TableName=t,Operation=BatchGetItem} 1',
    ]);
    expect(answered('PutItem', { TableName: 't' }, 503, '<html>')).toEqual([
      'AWS/DynamoDB SystemErrors {TableName=t,Operation=PutItem} 1',
    ]);
  });

  it('tell of faults of the caller, which failed conditions are not', () => {
    expect(answered('PutItem', { TableName: 't' }, 400, 'ValidationException')).toEqual([
      'AWS/DynamoDB UserErrors {} 1',
    ]);
    expect(answered('PutItem', { TableName: 't' }, 400, 'ConditionalCheckFailedException')).toEqual([]);
  });
});
