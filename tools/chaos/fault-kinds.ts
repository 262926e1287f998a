import type { AwsCall, Service } from './aws-call.ts';
import { cancelledTransaction, type FaultAnswer, jsonFault, xmlFault } from './fault-answers.ts';

/**
 * What strikes a call: an answer in the service's stead, the call never made; the connection dropped before the call was
 * made; or dropped after it had done its work; or the call held back until something happens.
 */
export interface FaultKind {
  readonly name: string;
  readonly service: Service;
  readonly strikes: (call: AwsCall) => boolean;
  /** Whether every call of the service can be struck. */
  readonly strikesAll: boolean;
  readonly how:
    | { readonly kind: 'answer'; readonly answer: (call: AwsCall) => FaultAnswer }
    | { readonly kind: 'drop' }
    | { readonly kind: 'lose-reply' }
    | { readonly kind: 'hold'; readonly until: Promise<unknown> };
}

const itemWrites = ['PutItem', 'UpdateItem', 'DeleteItem'];
/** Receiving writes too: it hides the messages. */
const queueWrites = [
  'SendMessage',
  'SendMessageBatch',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibility',
  'ChangeMessageVisibilityBatch',
];

const always = () => true;
const isOneOf =
  (operations: readonly string[]) =>
  ({ operation }: AwsCall) =>
    operations.includes(operation);

/** Everything that the proxy can do to a call. Source: each service's API reference, "Common Errors". */
export const faultKinds: readonly FaultKind[] = [
  ...forService('DynamoDB', {
    '500': { strikes: always, how: answer(jsonFault(500, 'dynamodb', 'InternalServerError')) },
    throttled: {
      strikes: always,
      how: answer(jsonFault(400, 'dynamodb', 'ProvisionedThroughputExceededException')),
    },
    'throttled by rate': { strikes: always, how: answer(jsonFault(400, 'coral', 'ThrottlingException')) },
    'conflict of a write': {
      strikes: isOneOf(itemWrites),
      how: answer(jsonFault(400, 'dynamodb', 'TransactionConflictException')),
    },
    'conflict of a transaction': {
      strikes: isOneOf(['TransactWriteItems']),
      how: { kind: 'answer', answer: cancelledTransaction },
    },
    'reply lost': { strikes: isOneOf([...itemWrites, 'TransactWriteItems']), how: { kind: 'lose-reply' } },
    dropped: { strikes: always, how: { kind: 'drop' } },
  }),
  ...forService('SQS', {
    '503': { strikes: always, how: answer(jsonFault(503, 'sqs', 'ServiceUnavailable')) },
    throttled: { strikes: always, how: answer(jsonFault(400, 'sqs', 'RequestThrottled')) },
    'reply lost': { strikes: isOneOf(queueWrites), how: { kind: 'lose-reply' } },
    dropped: { strikes: always, how: { kind: 'drop' } },
  }),
  ...forService('S3', {
    '500': { strikes: always, how: answer(xmlFault(500, 'InternalError')) },
    'slow down': { strikes: always, how: answer(xmlFault(503, 'SlowDown')) },
    'reply lost': { strikes: isOneOf(['PUT object', 'DELETE object']), how: { kind: 'lose-reply' } },
    dropped: { strikes: always, how: { kind: 'drop' } },
  }),
];

function forService(
  service: Service,
  kinds: Readonly<Record<string, Pick<FaultKind, 'strikes' | 'how'>>>,
): FaultKind[] {
  return Object.entries(kinds).map(([name, kind]) => ({
    ...{ name: `${service} ${name}`, service, ...kind },
    strikesAll: kind.strikes === always,
  }));
}

function answer(given: FaultAnswer): FaultKind['how'] {
  return { kind: 'answer', answer: () => given };
}
