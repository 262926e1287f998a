import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { schedules } from '#functions/registry.ts';
import { routes } from '#functions/route-registry.ts';
import { scheduledQueues } from '#shared/schedules/scheduled-queues.ts';
import type { QueueName } from '#shared/tasks/define-task.ts';
import { Beat } from '../constructs/beat.ts';
import { HttpApi } from '../constructs/http-api.ts';
import { Reconciler } from '../constructs/reconciler.ts';
import { ScheduleRules } from '../constructs/schedule-rules.ts';
import type { TaskQueue } from '../constructs/task-queue.ts';
import { UndeliveredEvents } from '../constructs/undelivered-events.ts';
import type { StageSettings } from '../stages.ts';
import { declareAlarms } from './declare-alarms.ts';
import { declareDefaultWorker, declareGeoProcessingWorker } from './declare-workers.ts';
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
    const { pipelineTable, applicationTable, payloadBucket, fileBucket } = stateful;
    const { worker: defaultWorker, queues: defaultQueues } = declareDefaultWorker(this, { stage, stateful });
    const { worker: geoWorker, queues: geoQueues } = declareGeoProcessingWorker(this, { stage, stateful });
    const queues: Record<QueueName, TaskQueue> = { ...defaultQueues, ...geoQueues };

    const api = new HttpApi(this, 'HttpApi', { stage, routes });
    pipelineTable.grantReadWrite(api.function);
    pipelineTable.grantList(api.function);
    pipelineTable.grantAttention(api.function);
    applicationTable.grantReadWrite(api.function);
    applicationTable.grantListAndDelete(api.function);
    payloadBucket.grantReadWrite(api.function);
    fileBucket.grantExchange(api.function);
    for (const queue of Object.values(queues)) queue.grantSend(api.function);
    // A raster's header is asked for while the caller waits.
    geoWorker.grantInvoke(api.function);
    api.function.addEnvironment('EXECUTION_MODE', stage.executionMode);
    if (stage.executionMode === 'inline') {
      defaultWorker.grantInvoke(api.function);
    } else {
      queues.default.grantInspect(api.function);
      queues.default.grantWatchConsumer(api.function);
    }

    const undelivered = new UndeliveredEvents(this, 'UndeliveredEvents', { stage });
    const reconciler = new Reconciler(this, 'Reconciler', { stage, undelivered });
    pipelineTable.grantReconcile(reconciler.function);
    for (const queue of Object.values(queues)) {
      queue.grantSend(reconciler.function);
      queue.grantDeadLetter(reconciler.function);
      queue.grantSweepDeadLetters(reconciler.function);
    }

    const beat = new Beat(this, 'Beat', { stage, undelivered });
    pipelineTable.grantCreate(beat.function);
    for (const queue of scheduledQueues(schedules)) queues[queue].grantSend(beat.function);
    new ScheduleRules(this, 'Schedules', { stage, schedules, beat: beat.function, undelivered });

    // A task is never sent by code that is newer than the code that runs it.
    for (const producer of [api, reconciler, beat]) {
      producer.function.node.addDependency(defaultWorker.function, geoWorker.function);
    }

    declareAlarms(this, { stage, stateful, api, queues: Object.values(queues) });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'PipelineTableName', { value: pipelineTable.table.tableName });
    new CfnOutput(this, 'ApplicationTableName', { value: applicationTable.table.tableName });
    new CfnOutput(this, 'PayloadBucketName', { value: payloadBucket.bucket.bucketName });
    new CfnOutput(this, 'FileBucketName', { value: fileBucket.bucket.bucketName });
  }
}
