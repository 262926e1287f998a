import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AlarmView } from './alarms/alarm.ts';
import { refuseUnknownTypes } from './assembly/known-types.ts';
import { LAPTOP_ACCOUNT } from './assembly/laptop-account.ts';
import { readAssembly } from './assembly/read-assembly.ts';
import { keepClock } from './clock/keep-clock.ts';
import type { LaptopClock } from './clock/laptop-clock.ts';
import { lockDataFolder } from './data-lock.ts';
import type { FunctionPool } from './functions/function-pool.ts';
import { startHttpGateway } from './gateway/http-gateway.ts';
import { countMessages, laptopStatus } from './laptop-status.ts';
import type { Mapping } from './mappings/run-mapping.ts';
import { createMetricStore } from './metrics/metric-store.ts';
import { readFunctionRoles } from './permissions/function-roles.ts';
import { readInvokeGrants } from './permissions/invoke-grants.ts';
import { createPermissions, type Permissions } from './permissions/permissions.ts';
import { queueUrl } from './provision/aws-clients.ts';
import { provisionAssembly, readOutputs } from './provision-assembly.ts';
import type { AdvanceReport } from './rules/run-rules.ts';
import { readQueues, runServices } from './run-services.ts';
import { settle } from './settle.ts';
import { startBackends } from './start-backends.ts';
import { synthesise } from './synthesise.ts';

/** What to run, and where. */
export interface LaptopCloudOptions {
  /** The folder with `cdk.json` and `cdk/app.ts`. */
  projectDir: string;
  /** Holds the lock, the synthesised templates, and below `data` all that the cloud stores. */
  dataDir: string;
  /** Of the HTTP API; 0 for a free one. */
  port: number;
  /** Begins with empty tables, queues and buckets and an unmoved clock. @default false */
  fresh?: boolean;
  /** CDK context on top of that in `cdk.json`, as `cdk synth -c` takes it. @default none */
  context?: Readonly<Record<string, string>>;
  /** Replaces variables that a function's template declares. */
  environment?: Readonly<Record<string, string>>;
  /** Values of Systems Manager parameters, by name. */
  parameters?: Readonly<Record<string, string>>;
  /**
   * Given an emulator's address, says at which it is to be called by functions (what their roles allow) and the laptop
   * cloud itself: that of a proxy, to see what goes over the wire. @default the same
   */
  emulatorAddress?: (url: string) => Promise<string>;
  /** Gets what functions print, a line each with the function's name before it, and faults. @default silence */
  log?: (line: string) => void;
}

/** A running laptop cloud; everything it has listens on 127.0.0.1. */
export interface LaptopCloud {
  /** Of the HTTP API, without a slash at the end. */
  readonly url: string;
  /** A queue's URL is this, a slash and its name. */
  readonly queueUrlBase: string;
  readonly sqsEndpoint: string;
  readonly dynamodbEndpoint: string;
  readonly s3Endpoint: string;
  readonly ssmEndpoint: string;
  readonly lambdaEndpoint: string;
  /** The stacks' outputs, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** To read; it is moved by `advance`. */
  readonly clock: Pick<LaptopClock, 'now' | 'offset' | 'buffer'>;
  readonly functions: ReadonlyMap<string, FunctionPool>;
  readonly mappings: readonly Mapping[];
  /** What functions may do; can be changed while they run, as a deployment would. */
  readonly permissions: Permissions;
  /** Resolves with the fault when an emulator ends by itself: the cloud is of no use then, and is to be stopped. */
  readonly failed: Promise<Error>;
  /**
   * Moves the clock by milliseconds. Rules that fall due meanwhile fire in order, each at its own time and
   * after what runs has come to rest; then expired items are deleted.
   */
  advance(ms: number): Promise<AdvanceReport>;
  /**
   * Resolves when no mapping, rule or request runs a function and no message is visible in a queue that a
   * mapping reads. Rejects when the cloud is stopped meanwhile.
   */
  settled(): Promise<void>;
  /** Ends a function's threads, or all, as a crash would; resolves with how many there were. */
  kill(functionName?: string): Promise<number>;
  /** How many messages lie visible in the queues that others move their dead letters to. */
  deadLetters(): Promise<number>;
  /** The templates' alarms; their states follow from what happens, and cannot be set. */
  alarms(): AlarmView[];
  /** What `GET /__laptop` answers. */
  status(): Promise<Record<string, unknown>>;
  /** Ends everything; work in flight has three seconds to finish. May be called again. */
  stop(): Promise<void>;
}

/**
 * Runs a project's cloud on this machine: synthesises it (or takes the last synthesis, if nothing changed),
 * starts the emulators, creates what the templates declare, and runs functions, mappings, rules and HTTP API.
 * What was stored before is still there. What was started is stopped again when a part fails.
 * @throws Error naming what is wrong: data folder in use, port taken, failed synthesis, unknown resource
 */
export async function startLaptopCloud(options: LaptopCloudOptions): Promise<LaptopCloud> {
  const {
    projectDir,
    dataDir,
    context = {},
    parameters = {},
    environment = {},
    log = () => undefined,
  } = options;
  await using started = new AsyncDisposableStack();
  const ending = new AbortController();

  const lock = lockDataFolder(dataDir);
  started.defer(() => lock.release());
  const gateway = await startHttpGateway({ port: options.port, newId: randomUUID, log });
  started.defer(() => gateway.stop());

  const storeDir = join(dataDir, 'data');
  if (options.fresh) rmSync(storeDir, { recursive: true, force: true });
  const { outDir } = await synthesise({ projectDir, outDir: join(dataDir, 'cdk.out'), context });
  const assembly = readAssembly(outDir);
  refuseUnknownTypes(assembly.resources);

  const clock = keepClock(storeDir);
  const permissions = createPermissions(log);
  const metrics = createMetricStore();
  const backends = await startBackends(
    {
      dataDir: storeDir,
      clock,
      parameters,
      emulatorAddress: options.emulatorAddress ?? (async (url) => url),
      permissions,
      record: metrics.record,
      log,
    },
    started,
  );
  const provisioned = await provisionAssembly(assembly, backends, { apiUrl: gateway.url, parameters });
  const { identified } = provisioned;
  permissions.change({ roles: readFunctionRoles(identified), invokeGrants: readInvokeGrants(identified) });
  const sumVisible = async (queueNames: readonly string[]) => {
    const urls = queueNames.map((name) => queueUrl(backends.queuesUrl, name));
    const counts = await Promise.all(urls.map((url) => countMessages(backends.sqs, url)));
    return counts.reduce((sum, { visible }) => sum + visible, 0);
  };
  const services = runServices(assembly, provisioned, backends, {
    clock,
    environment,
    permissions,
    metrics,
    countVisible: sumVisible,
    log,
  });
  started.defer(async () => {
    ending.abort();
    await gateway.stop();
    await services.stop();
  });
  const { functions, mappings, rules, sweeper, api } = services;
  const alarms = () => services.alarms.views();

  const advance = async (ms: number): Promise<AdvanceReport> => {
    const report = await rules.advance(ms);
    await sweeper.sweep();
    return report;
  };
  const status = () =>
    laptopStatus({
      clock,
      functions: services.functionSpecs,
      queues: { names: provisioned.queueNames, url: backends.queuesUrl, client: backends.sqs },
      mappings,
      rules,
    });
  gateway.open({
    ...{ api, invoke: services.answerRoute, measure: services.measureRequest },
    controls: { advance, status, alarms, now: clock.now },
  });
  const outputs = readOutputs(assembly, identified);
  const running = started.move();
  let stopped: Promise<void> | undefined;

  return {
    url: gateway.url,
    queueUrlBase: `${backends.queuesUrl}/${LAPTOP_ACCOUNT}`,
    sqsEndpoint: backends.queuesUrl,
    s3Endpoint: backends.queuesUrl,
    dynamodbEndpoint: backends.tablesUrl,
    ssmEndpoint: backends.controlUrl,
    lambdaEndpoint: backends.controlUrl,
    outputs,
    clock,
    functions,
    mappings,
    permissions,
    failed: backends.failed,
    advance,
    alarms,
    status,
    deadLetters: () => sumVisible(provisioned.deadLetterQueueNames),
    settled: async () => {
      const activities = [
        ...[...mappings, rules, gateway].map(({ activity }) => activity),
        services.invocations,
      ];
      const quiet = await settle(
        { activities, countVisible: () => sumVisible(readQueues(mappings)) },
        ending.signal,
      );
      if (!quiet) throw new Error('The laptop cloud was stopped before it came to rest');
    },
    kill: async (functionName) => {
      const named = functionName === undefined ? [...functions.values()] : [functions.get(functionName)];
      const killed = await Promise.all(named.map((pool) => pool?.kill()));
      if (killed.includes(undefined)) throw new Error(`There is no function ${functionName} to kill`);
      return killed.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    },
    stop: () => {
      stopped ??= running.disposeAsync();
      return stopped;
    },
  };
}
