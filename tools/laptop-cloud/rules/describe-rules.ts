import * as z from 'zod';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from '../assembly/laptop-account.ts';
import { queueUrl } from '../provision/aws-clients.ts';
import type { IdentifiedAssembly } from '../provision/identify-resources.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import type { RuleTarget, ScheduledRule } from './fire-rule.ts';
import { parseSchedule } from './parse-schedule.ts';
import { readTransformer } from './transform-input.ts';

const READER = 'rules/describe-rules.ts';

/** Lambda runs a function that fails on an event nobody waits for twice more. */
const DEFAULT_RETRIES = 2;

const LAMBDA_ARN = /^arn:aws:lambda:[^:]*:[^:]*:function:([^:]+)/;

const SQS_ARN = /^arn:aws:sqs:/;

const Target = z.strictObject({
  Id: z.string(),
  Arn: z.string().regex(LAMBDA_ARN, 'only functions are targets on a laptop'),
  Input: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).default({}), InputTemplate: z.string() })
    .transform(({ InputPathsMap, InputTemplate }, context) => {
      try {
        return readTransformer(InputPathsMap, InputTemplate);
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : String(error));
        return z.NEVER;
      }
    })
    .optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).optional(),
      MaximumEventAgeInSeconds: unread,
    })
    .default({}),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});

const RuleProperties = z.strictObject({
  Name: unread,
  Description: unread,
  ScheduleExpression: z.string('only rules with a schedule fire on a laptop'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(Target).default([]),
  Tags: unread,
});

const InvokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.coerce.number().int().min(0).max(2).optional(),
  MaximumEventAgeInSeconds: unread,
  DestinationConfig: z
    .strictObject({
      OnFailure: z.strictObject({
        Destination: z.string().regex(SQS_ARN, 'only queues are destinations on a laptop'),
      }),
    })
    .optional(),
  Qualifier: z.literal('$LATEST').optional(),
});

/**
 * Reads every scheduled rule of the templates. A function that fails is tried again as its EventInvokeConfig
 * says, else as the target's retry policy says, else twice: on AWS the retry policy is for deliveries that
 * fail, which none does here.
 * @param options.anchor when the rules count as created, in milliseconds: rates count from there
 * @param options.queues the queue emulator's URL
 * @throws Error naming a rule that the laptop cloud cannot run, and why
 */
export function describeRules(
  assembly: IdentifiedAssembly,
  options: { anchor: number; queues: string },
): ScheduledRule[] {
  const configs = assembly.resources('AWS::Lambda::EventInvokeConfig').map((resource) => {
    return readProperties(resource, InvokeConfigProperties, READER);
  });
  const invocations = new Map(configs.map((config) => [config.FunctionName, config]));

  return assembly.resources('AWS::Events::Rule').map((resource) => {
    const given = readProperties(resource, RuleProperties, READER);
    return {
      name: resource.name,
      arn: `arn:aws:events:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:rule/${resource.name}`,
      region: LAPTOP_REGION,
      account: LAPTOP_ACCOUNT,
      expression: given.ScheduleExpression,
      schedule: parseSchedule(given.ScheduleExpression),
      anchor: options.anchor,
      enabled: given.State === 'ENABLED',
      targets: given.Targets.map((target) => describeTarget(target, invocations, options.queues)),
    };
  });
}

function describeTarget(
  target: z.output<typeof Target>,
  invocations: ReadonlyMap<string, z.output<typeof InvokeConfigProperties>>,
  queues: string,
): RuleTarget {
  const functionName = LAMBDA_ARN.exec(target.Arn)?.[1] ?? '';
  const { MaximumRetryAttempts } = target.RetryPolicy;
  const invocation = invocations.get(functionName);
  const urlOf = (arn: string | undefined) => arn && queueUrl(queues, arn.split(':').at(-1) ?? '');
  const deadLetters = urlOf(target.DeadLetterConfig?.Arn);
  const failures = urlOf(invocation?.DestinationConfig?.OnFailure.Destination);
  return {
    functionName,
    functionArn: target.Arn,
    ...(target.Input !== undefined && { input: JSON.parse(target.Input) }),
    ...(target.InputTransformer && { transformer: target.InputTransformer }),
    maximumRetryAttempts: invocation?.MaximumRetryAttempts ?? MaximumRetryAttempts ?? DEFAULT_RETRIES,
    ...(deadLetters && { deadLetterQueueUrl: deadLetters }),
    ...(failures && { failureQueueUrl: failures }),
  };
}
