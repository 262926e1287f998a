import type { InvocationResult } from '../functions/function-pool.ts';
import type { RuleEvent } from '../metrics/measure-rules.ts';
import type { ScheduledName } from './plan-firings.ts';
import { type InputTransformer, type ScheduledEvent, transformInput } from './transform-input.ts';

/** A function that a rule invokes. */
export interface RuleTarget {
  functionName: string;
  functionArn: string;
  /** The target's constant input; without one the function gets the scheduled event, or what is made of it. */
  input?: unknown;
  transformer?: InputTransformer;
  /** Invocations after the first that failed. */
  maximumRetryAttempts: number;
  /** Where the event goes when no function took it. */
  deadLetterQueueUrl?: string;
  /** Where Lambda records that the function failed at every attempt. */
  failureQueueUrl?: string;
}

/** An AWS::Events::Rule with a schedule, everything resolved. */
export interface ScheduledRule extends ScheduledName {
  arn: string;
  region: string;
  account: string;
  /** As in the template: `rate(…)` or `cron(…)`. */
  expression: string;
  /** False for State DISABLED. */
  enabled: boolean;
  targets: RuleTarget[];
}

/** A message for a target's dead-letter queue; attributes are strings. */
export interface RuleDeadLetter {
  queueUrl: string;
  body: string;
  attributes: Record<string, string>;
}

/** What firing a rule needs of the rest of the laptop cloud. */
export interface RuleSurroundings {
  /** Runs a function on behalf of a rule. */
  invoke: (functionName: string, event: unknown, ruleArn: string) => Promise<InvocationResult>;
  sendDeadLetter: (letter: RuleDeadLetter) => Promise<void>;
  newId: () => string;
  /** Is told what happens. @default nobody is */
  measure?: (ruleName: string, event: RuleEvent) => void;
  log: (line: string) => void;
}

/** Errors of an invocation that no function took; every other error is the function's own. */
const UNDELIVERED: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'NO_PERMISSIONS',
  'ResourceNotFoundException',
  'TooManyRequestsException',
]);

/**
 * Invokes a rule's targets for one moment, side by side, each with its retries. In the end an event that no function took
 * goes to the target's dead-letter queue, one that its function failed on to the function's on-failure destination, and one
 * that has neither into the log. Retries follow at once, where EventBridge backs off. Rejects only when `invoke` does.
 * Source: "Retrying event delivery in Amazon EventBridge", "Using dead-letter queues", and "Capturing records of Lambda
 * asynchronous invocations".
 * @param at the moment the rule was due, in milliseconds since the epoch
 */
export async function fireRule(
  rule: ScheduledRule,
  at: number,
  surroundings: RuleSurroundings,
): Promise<void> {
  const event = scheduledEvent(rule, at, surroundings.newId());
  surroundings.measure?.(rule.name, 'triggered');
  await Promise.all(rule.targets.map((target) => fireTarget(rule, target, event, surroundings)));
}

function scheduledEvent(rule: ScheduledRule, at: number, id: string): ScheduledEvent {
  return {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: rule.account,
    time: new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: rule.region,
    resources: [rule.arn],
    detail: {},
  };
}

function inputOf(target: RuleTarget, event: ScheduledEvent): unknown {
  if ('input' in target) return target.input;
  return target.transformer ? transformInput(target.transformer, event) : event;
}

async function fireTarget(
  rule: ScheduledRule,
  target: RuleTarget,
  event: ScheduledEvent,
  { invoke, sendDeadLetter, measure = () => undefined, log }: RuleSurroundings,
): Promise<void> {
  const input = inputOf(target, event);
  let failure = { type: '', message: '' };
  for (let attempt = 0; attempt <= target.maximumRetryAttempts; attempt += 1) {
    const result = await invoke(target.functionName, input, rule.arn);
    if (result.ok) return measure(rule.name, 'invoked');
    failure = { type: result.errorType, message: result.errorMessage };
    log(
      `rule ${rule.name} → ${target.functionName}: attempt ${attempt + 1} failed: ${failure.type}: ${failure.message}`,
    );
  }
  const isUndelivered = UNDELIVERED.has(failure.type);
  const letter = isUndelivered
    ? undelivered(rule, target, input, failure)
    : failedOn(target, event, input, failure);
  // EventBridge has done its part once the function took the event.
  const count = (happened: RuleEvent) => measure(rule.name, isUndelivered ? happened : 'invoked');
  if (letter === null) {
    count('undelivered');
    log(
      `rule ${rule.name} → ${target.functionName}: given up, and there is no queue for what came to nothing`,
    );
    return;
  }
  try {
    await sendDeadLetter(letter);
    count('sent to dead letters');
  } catch (error) {
    count('dead letter lost');
    log(
      `rule ${rule.name} → ${target.functionName}: given up, and the dead letter was not sent: ${String(error)}`,
    );
  }
}

interface Failure {
  readonly type: string;
  readonly message: string;
}

function undelivered(
  rule: ScheduledRule,
  target: RuleTarget,
  input: unknown,
  failure: Failure,
): RuleDeadLetter | null {
  if (target.deadLetterQueueUrl === undefined) return null;
  return {
    queueUrl: target.deadLetterQueueUrl,
    body: JSON.stringify(input),
    attributes: {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.functionArn,
      ERROR_CODE: failure.type,
      ERROR_MESSAGE: failure.message || failure.type,
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: String(target.maximumRetryAttempts),
    },
  };
}

function failedOn(
  target: RuleTarget,
  event: ScheduledEvent,
  input: unknown,
  failure: Failure,
): RuleDeadLetter | null {
  if (target.failureQueueUrl === undefined) return null;
  return {
    queueUrl: target.failureQueueUrl,
    body: JSON.stringify({
      version: '1.0',
      timestamp: event.time,
      requestContext: {
        requestId: event.id,
        functionArn: `${target.functionArn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: target.maximumRetryAttempts + 1,
      },
      requestPayload: input,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: failure.type, errorMessage: failure.message },
    }),
    attributes: {},
  };
}
