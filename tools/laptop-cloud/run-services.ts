import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Activity, createActivity } from './activity.ts';
import { describeAlarms } from './alarms/describe-alarms.ts';
import type { AlarmRunner } from './alarms/run-alarms.ts';
import type { Assembly } from './assembly/read-assembly.ts';
import type { LaptopClock } from './clock/laptop-clock.ts';
import { eventSourceMappings } from './control/event-source-mappings.ts';
import { invokeFunction } from './control/invoke-function.ts';
import { createPools, laptopEnvironment } from './create-pools.ts';
import { describeFunctions } from './functions/describe-functions.ts';
import type { FunctionPool, FunctionSpec, InvocationResult } from './functions/function-pool.ts';
import { describeApi } from './gateway/describe-api.ts';
import type { HttpApi } from './gateway/http-gateway.ts';
import { describeMappings } from './mappings/describe-mappings.ts';
import { type Mapping, runMapping } from './mappings/run-mapping.ts';
import { type AnsweredRequest, measureApi } from './metrics/measure-api.ts';
import { measureRules } from './metrics/measure-rules.ts';
import type { MetricStore } from './metrics/metric-store.ts';
import { pause } from './pause.ts';
import { invokeForApi, invokeForRules } from './permissions/invoke-as-service.ts';
import type { Permissions } from './permissions/permissions.ts';
import { refuseUnreadQueues } from './permissions/refuse-unread-queues.ts';
import { readFailureDestinations, refuseUnsentFailures } from './permissions/refuse-unsent-failures.ts';
import type { ProvisionedAssembly } from './provision-assembly.ts';
import { describeRules } from './rules/describe-rules.ts';
import type { RuleDeadLetter } from './rules/fire-rule.ts';
import { type RuleRunner, runRules } from './rules/run-rules.ts';
import { runMonitoring } from './run-monitoring.ts';
import { runSweeper, type Sweeper } from './run-sweeper.ts';
import { settle } from './settle.ts';
import type { Backends } from './start-backends.ts';

/** What runs functions by itself, and what it runs. */
export interface Services {
  functionSpecs: FunctionSpec[];
  functions: Map<string, FunctionPool>;
  mappings: Mapping[];
  /** Invocations through Lambda's own API. */
  invocations: Activity;
  rules: RuleRunner;
  sweeper: Sweeper;
  alarms: Pick<AlarmRunner, 'views'>;
  api: HttpApi | null;
  /** Runs the function of a route; one that the API may not invoke is an error in the result. */
  answerRoute(functionName: string, event: APIGatewayProxyEventV2): Promise<InvocationResult>;
  /** Measures a request that the API has answered. */
  measureRequest(request: AnsweredRequest): void;
  /** Ends all; work in flight has three seconds to finish. */
  stop(): Promise<void>;
}

const GRACE_MS = 3_000;

/** A laptop has a few processors: what a mapping may run at once beyond this would only wait. */
const MOST_INVOCATIONS_PER_MAPPING = 10;

/**
 * Runs an assembly's functions, mappings and rules, sweeps its tables, measures all and evaluates its alarms by that.
 * @param options.environment replaces variables that a function's template declares
 * @param options.permissions what functions may do, and which services may invoke them
 * @param options.metrics gets what is measured
 * @param options.countVisible messages that wait in queues
 * @throws Error naming what in the templates the laptop cloud cannot run; nothing runs then
 */
export function runServices(
  assembly: Assembly,
  { identified, tables, topics, queueNames }: ProvisionedAssembly,
  backends: Backends,
  options: {
    clock: LaptopClock;
    environment: Readonly<Record<string, string>>;
    permissions: Permissions;
    metrics: MetricStore;
    countVisible: (queueNames: readonly string[]) => Promise<number>;
    log: (line: string) => void;
  },
): Services {
  const { clock, permissions, metrics, log } = options;
  const { queuesUrl: queues, sqs, dynamodb } = backends;

  const functionSpecs = describeFunctions(assembly, identified.resources('AWS::Lambda::Function')).map(
    (spec) => ({
      ...spec,
      environment: laptopEnvironment(spec.environment, options.environment, backends),
    }),
  );
  const mappingSpecs = describeMappings(identified, queues).map((spec) => ({
    ...spec,
    maximumConcurrency: Math.min(spec.maximumConcurrency, MOST_INVOCATIONS_PER_MAPPING),
  }));
  refuseUnreadQueues(mappingSpecs, permissions.roles);
  refuseUnsentFailures(readFailureDestinations(identified), permissions.roles);
  const api = describeApi(identified);
  const now = clock.now();
  // A whole minute, so that rules fire on whole minutes.
  const anchor = now - (now % 60_000);
  const ruleSpecs = describeRules(identified, { anchor, queues });

  const monitoring = runMonitoring({
    ...{ alarms: describeAlarms(identified), metrics, topics, queueNames, backends, clock, log },
    isPolled: (queueName) => readQueues(mappings).includes(queueName),
  });
  const functions = createPools(functionSpecs, mappingSpecs, {
    clock,
    log: (name, line) => {
      monitoring.readLine(name, line);
      log(`${name}: ${line}`);
    },
    measure: monitoring.measureFunction,
  });
  const invoke = async (functionName: string, event: unknown): Promise<InvocationResult> =>
    (await functions.get(functionName)?.invoke(event)) ?? {
      ok: false,
      errorType: 'ResourceNotFoundException',
      errorMessage: `Function not found: ${functionName}`,
    };

  const mappings = mappingSpecs.map((spec) =>
    runMapping(spec, { sqs, now: clock.now, log, invoke: (event) => invoke(spec.functionName, event) }),
  );
  const invocations = createActivity();
  backends.control.add(
    invokeFunction({ functions, activity: invocations, log }),
    ...eventSourceMappings(mappings, clock.now),
  );
  const ending = new AbortController();
  const rules = runRules({
    rules: ruleSpecs,
    clock,
    invoke: invokeForRules(permissions, invoke),
    sendDeadLetter: (letter) => sendDeadLetter(sqs, letter),
    newId: randomUUID,
    measure: measureRules(metrics.record, clock.now),
    moveClock: monitoring.moveClock,
    log,
    quiet: (withinMs) =>
      settle(
        {
          activities: [...[...mappings, rules].map(({ activity }) => activity), invocations],
          countVisible: () => options.countVisible(readQueues(mappings)),
        },
        AbortSignal.any([ending.signal, AbortSignal.timeout(withinMs)]),
      ),
  });
  const sweeper = runSweeper({ client: dynamodb, tables, now: clock.now, log });

  const stop = async (): Promise<void> => {
    ending.abort();
    const finished = Promise.all([
      rules.stop(),
      sweeper.stop(),
      monitoring.alarms.stop(),
      ...mappings.map((mapping) => mapping.stop()),
    ]);
    const grace = new AbortController();
    await Promise.race([finished, pause(GRACE_MS, grace.signal)]);
    grace.abort();
    await Promise.all([...functions.values()].map((pool) => pool.stop()));
    await finished;
  };
  const answerRoute = invokeForApi(permissions, invoke);
  return {
    ...{ functionSpecs, functions, mappings, invocations, rules, sweeper, api, answerRoute, stop },
    alarms: monitoring.alarms,
    measureRequest: api === null ? () => undefined : measureApi(metrics.record, api),
  };
}

/** The queues whose messages are going to be received. */
export function readQueues(mappings: readonly Mapping[]): string[] {
  return mappings.filter(({ enabled }) => enabled).map(({ spec }) => spec.queue.name);
}

async function sendDeadLetter(sqs: SQSClient, letter: RuleDeadLetter): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: letter.queueUrl,
      MessageBody: letter.body,
      MessageAttributes: Object.fromEntries(
        Object.entries(letter.attributes).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      ),
    }),
  );
}
