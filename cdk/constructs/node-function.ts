import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { bundling, projectRoot, threadHooks } from './bundling.ts';
import { stageAlarm } from './stage-alarm.ts';
import { stageLogGroup } from './stage-log-group.ts';

/** What differs between functions. */
export interface NodeFunctionProps {
  readonly stage: StageSettings;
  /** Names the function in its alarm: `<name>-errors`. */
  readonly name: string;
  readonly description: string;
  /** The file that exports `handler`, from the folder of package.json. */
  readonly entry: string;
  /**
   * Files that the function runs in threads, from the folder of package.json; bundled next to it by their own names.
   * @default none
   */
  readonly threads?: readonly string[];
  /** Megabytes; Lambda gives a whole processor at 1769. */
  readonly memorySize: number;
  readonly timeout: Duration;
  /** @default Lambda ends a chain of function and queue that repeats 16 times */
  readonly recursiveLoop?: lambda.RecursiveLoop;
  /**
   * What Lambda does with an event that nobody waits for.
   * @default kept for 6 hours, tried three times
   */
  readonly asynchronous?: { readonly retryAttempts: number; readonly maxEventAge: Duration };
}

/** One of our functions: bundled by esbuild, with a role, a log group and an alarm of its own. */
export class NodeFunction extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const logGroup = stageLogGroup(this, 'Logs', props.stage);
    // A role of our own, because the one that CDK makes may write to every log group of the account.
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);

    this.function = new NodejsFunction(this, 'Function', {
      description: props.description,
      entry: join(projectRoot, props.entry),
      projectRoot,
      depsLockFilePath: join(projectRoot, 'package-lock.json'),
      bundling: { ...bundling, commandHooks: threadHooks(props.threads ?? []) },
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      role,
      logGroup,
      // Our own lines are JSON already, and pass as they are; this makes Lambda's and those of a crash JSON too.
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel[props.stage.logLevel],
      environment: { STAGE: props.stage.name, LOG_LEVEL: props.stage.logLevel },
      ...(props.recursiveLoop && { recursiveLoop: props.recursiveLoop }),
      ...props.asynchronous,
    });

    stageAlarm(this, 'ErrorsAlarm', {
      stage: props.stage,
      name: `${props.name}-errors`,
      meaning: `The ${props.name} function crashes or runs out of time or memory.`,
      metric: this.function.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }),
      from: 1,
      // One crash mends itself: the message comes back, the next minute reconciles. Two in three minutes do not.
      periods: { breaching: 2, of: 3 },
    });
  }
}
