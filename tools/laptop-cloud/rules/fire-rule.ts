import type { InvocationResult } from '../functions/function-pool.ts';
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
  /** Where the event goes when every attempt failed. */
  deadLetterQueueUrl?: string;
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
  invoke: (functionName: string, event: unknown) => Promise<InvocationResult>;
  sendDeadLetter: (letter: RuleDeadLetter) => Promise<void>;
  newId: () => string;
  log: (line: string) => void;
}

/**
 * Invokes a rule's targets for one moment, side by side, each with its retries; what fails in the end goes to
 * the target's dead-letter queue, or into the log. Retries follow at once, where EventBridge backs off.
 * Rejects only when `invoke` does.
 * Source: "Retrying event delivery in Amazon EventBridge" and "Using dead-letter queues".
 * @param at the moment the rule was due, in milliseconds since the epoch
 */
export async function fireRule(
  rule: ScheduledRule,
  at: number,
  surroundings: RuleSurroundings,
): Promise<void> {
  const event = scheduledEvent(rule, at, surroundings.newId());
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
  { invoke, sendDeadLetter, log }: RuleSurroundings,
): Promise<void> {
  const input = inputOf(target, event);
  let failure = { type: '', message: '' };
  for (let attempt = 0; attempt <= target.maximumRetryAttempts; attempt += 1) {
    const result = await invoke(target.functionName, input);
    if (result.ok) return;
    failure = { type: result.errorType, message: result.errorMessage };
    log(
      `rule ${rule.name} → ${target.functionName}: attempt ${attempt + 1} failed: ${failure.type}: ${failure.message}`,
    );
  }
  if (target.deadLetterQueueUrl === undefined) {
    log(`rule ${rule.name} → ${target.functionName}: given up, and the target has no dead-letter queue`);
    return;
  }
  try {
    await sendDeadLetter({
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
    });
  } catch (error) {
    log(
      `rule ${rule.name} → ${target.functionName}: given up, and the dead letter was not sent: ${String(error)}`,
    );
  }
}
