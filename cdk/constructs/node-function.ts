import { join } from 'node:path';
import { Duration, type Size } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type ICommandHooks, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFinding } from './acknowledge-finding.ts';
import { bundling, projectRoot } from './bundling.ts';
import { logPage } from './console-link.ts';
import { latePeriods } from './late-periods.ts';
import { stageAlarm } from './stage-alarm.ts';
import { stageLogGroup } from './stage-log-group.ts';

/** What differs between functions. */
export interface NodeFunctionProps {
  readonly stage: StageSettings;
  /** Names the function in its alarms, as in `<name>-errors`. */
  readonly name: string;
  readonly description: string;
  /** The file that exports `handler`, from the folder of package.json. */
  readonly entry: string;
  /**
   * Puts more files beside the bundle, for example what the function runs in threads.
   * @default nothing more
   */
  readonly beside?: ICommandHooks;
  /** Megabytes; Lambda gives a whole processor at 1769. */
  readonly memorySize: number;
  readonly timeout: Duration;
  /**
   * Whether tasks do not get done while it fails: then its alarm exists in every stage, and is part of `pipeline-unhealthy`.
   * @default false
   */
  readonly runsTasks?: boolean;
  /** @default 512 MB of `/tmp` */
  readonly ephemeralStorage?: Size;
  /** @default Lambda ends a chain of function and queue that repeats 16 times */
  readonly recursiveLoop?: lambda.RecursiveLoop;
  /**
   * What Lambda does with an event that nobody waits for.
   * @default kept for 6 hours, tried three times, then forgotten
   */
  readonly asynchronous?: Pick<
    lambda.EventInvokeConfigOptions,
    'retryAttempts' | 'maxEventAge' | 'onFailure'
  >;
}

/**
 * LocalStack knows a bucket by the first part of this host. What a function is told by itself is the host of all services,
 * and an address that it signs would not lead anywhere.
 */
const localstackS3 = { AWS_ENDPOINT_URL_S3: 'http://s3.localhost.localstack.cloud:4566' };

/** One of our functions: bundled by esbuild, with a role, a log group and an alarm of its own. */
export class NodeFunction extends Construct {
  readonly name: string;
  readonly function: lambda.Function;
  /** The page of the console that shows what it logs. */
  readonly logPage: string;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    this.name = props.name;
    const logGroup = stageLogGroup(this, 'Logs', props.stage);
    this.logPage = logPage(logGroup);
    // A role of our own, because the one that CDK makes may write to every log group of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: join(projectRoot, props.entry),
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      bundling: { ...bundling, ...(props.beside && { commandHooks: props.beside }) },
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      ...(props.ephemeralStorage && { ephemeralStorageSize: props.ephemeralStorage }),
      role,
      logGroup,
      // Our own lines are JSON already, and pass as they are; this makes Lambda's and those of a crash JSON too.
      loggingFormat: lambda.LoggingFormat.JSON,
      // Lambda drops what is below its level, and knows of no sample.
      applicationLogLevelV2:
        lambda.ApplicationLogLevel[props.stage.debugSampleRate > 0 ? 'DEBUG' : props.stage.logLevel],
      ...(props.stage.tracing && { tracing: lambda.Tracing.ACTIVE }),
      environment: {
        STAGE: props.stage.name,
        LOG_LEVEL: props.stage.logLevel,
        DEBUG_SAMPLE_RATE: String(props.stage.debugSampleRate),
        ...(props.stage.emulator === 'localstack' && localstackS3),
      },
      ...(props.recursiveLoop && { recursiveLoop: props.recursiveLoop }),
      ...props.asynchronous,
    });

    if (props.stage.tracing) {
      acknowledgeFinding(role, {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'X-Ray has no resources to name for xray:PutTraceSegments and xray:PutTelemetryRecords.',
      });
    }

    const period = Duration.minutes(1);
    stageAlarm(this, 'ErrorsAlarm', {
      stage: props.stage,
      name: `${props.name}-errors`,
      meaning: `The ${props.name} function crashes or runs out of time or memory.`,
      look: this.logPage,
      metric: this.function.metricErrors({ period, statistic: 'Sum' }),
      from: 1,
      // One crash mends itself: the message comes back, the next minute reconciles. Two in three minutes do not.
      periods: { breaching: 2, of: 3 + latePeriods(props.timeout, period) },
      essential: props.runsTasks ?? false,
      stopsTasks: props.runsTasks ?? false,
    });
  }
}
