import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { routes, schedules, taskSpecs } from '#functions/registry.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { Beat } from '../constructs/beat.ts';
import { HttpApi } from '../constructs/http-api.ts';
import { Reconciler } from '../constructs/reconciler.ts';
import { ScheduleRules } from '../constructs/schedule-rules.ts';
import { SecretParameter } from '../constructs/secret-parameter.ts';
import { TaskQueue } from '../constructs/task-queue.ts';
import { Worker } from '../constructs/worker.ts';
import type { StageSettings } from '../stages.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** What the stack needs to know beside CDK's own settings. */
export interface PipelineStackProps extends StackProps {
  readonly stage: StageSettings;
  readonly stateful: StatefulStack;
}

/** Everything that runs; may be deleted and made anew without losing a task. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { stage, stateful, ...props }: PipelineStackProps) {
    super(scope, id, { description: 'Celeriac: API, queues, workers, schedules and reconciler', ...props });
    const { pipelineTable, applicationTable, payloadBucket } = stateful;
    const mapboxToken = new SecretParameter(this, 'MapboxToken', {
      stage,
      name: 'mapbox-token',
      variable: 'MAPBOX_TOKEN_PARAMETER',
    });

    const consumerTimeout = Duration.seconds(330);
    const queues: Record<QueueName, TaskQueue> = {
      default: new TaskQueue(this, 'DefaultQueue', { stage, name: 'default', consumerTimeout }),
      priority: new TaskQueue(this, 'PriorityQueue', { stage, name: 'priority', consumerTimeout }),
    };

    const api = new HttpApi(this, 'HttpApi', { stage, routes });
    pipelineTable.grantReadWrite(api.function);
    pipelineTable.grantList(api.function);
    pipelineTable.grantAttention(api.function);
    applicationTable.grantReadWrite(api.function);
    applicationTable.grantListAndDelete(api.function);
    payloadBucket.grantReadWrite(api.function);
    for (const queue of Object.values(queues)) {
      queue.grantSend(api.function);
      queue.grantInspect(api.function);
    }

    const worker = new Worker(this, 'DefaultWorker', {
      stage,
      name: 'default-worker',
      entry: 'functions/workers/default.ts',
      threads: ['functions/toolbox/count-primes-thread.ts'],
      memorySize: 512,
      timeout: consumerTimeout,
      tasks: taskSpecs,
      consumes: [
        { queue: queues.default, batchSize: 10, maxConcurrency: 50 },
        { queue: queues.priority, batchSize: 10, maxConcurrency: 10 },
      ],
    });
    pipelineTable.grantReadWrite(worker.function);
    pipelineTable.grantSteps(worker.function);
    applicationTable.grantReadWrite(worker.function);
    applicationTable.grantCount(worker.function);
    payloadBucket.grantReadWrite(worker.function);
    payloadBucket.grantRemove(worker.function);
    mapboxToken.grantRead(worker.function);
    worker.function.addEnvironment('MAPBOX_BASE_URL', stage.mapbox.baseUrl);
    worker.function.addEnvironment('MAPBOX_PERMANENT', String(stage.mapbox.permanent));
    worker.function.addEnvironment('DISABLE_EXTERNAL_APIS', String(stage.externalApisDisabled));

    api.function.addEnvironment('EXECUTION_MODE', stage.executionMode);
    if (stage.executionMode === 'inline') {
      worker.grantInvoke(api.function);
    } else {
      queues.default.grantWatchConsumer(api.function);
    }

    const reconciler = new Reconciler(this, 'Reconciler', { stage });
    pipelineTable.grantReconcile(reconciler.function);
    for (const queue of Object.values(queues)) queue.grantSweepDeadLetters(reconciler.function);

    const beat = new Beat(this, 'Beat', { stage });
    pipelineTable.grantCreate(beat.function);
    for (const queue of Object.values(queues)) queue.grantSend(beat.function);
    new ScheduleRules(this, 'Schedules', { stage, schedules, beat: beat.function });

    // Tasks submit tasks, and both end them.
    for (const fn of [worker.function, reconciler.function]) {
      for (const queue of Object.values(queues)) {
        queue.grantSend(fn);
        queue.grantDeadLetter(fn);
      }
    }

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'PipelineTableName', { value: pipelineTable.table.tableName });
    new CfnOutput(this, 'ApplicationTableName', { value: applicationTable.table.tableName });
    new CfnOutput(this, 'PayloadBucketName', { value: payloadBucket.bucket.bucketName });
  }
}
