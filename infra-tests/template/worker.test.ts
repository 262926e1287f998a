import { App, Duration, Stack } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { TaskQueue } from '#cdk/constructs/task-queue.ts';
import { Worker } from '#cdk/constructs/worker.ts';
import { readStage } from '#cdk/stages.ts';
import { defineTask, type QueueName } from '#shared/tasks/define-task.ts';
import { temporaryOutput } from './synthesise.ts';

const slow = defineTask({
  name: 'slow',
  description: 'takes its time',
  input: z.object({}),
  output: z.object({}),
  timeLimit: { soft: 240, hard: 300 },
});

function workerFor(timeout: Duration, consumes: QueueName = 'default'): Worker {
  using output = temporaryOutput();
  const app = new App({ outdir: output.outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new Stack(app, 'Stack');
  const stage = readStage({ stage: 'dev' });
  const queue = new TaskQueue(stack, 'Queue', { stage, name: consumes, consumerTimeout: timeout });
  return new Worker(stack, 'Worker', {
    stage,
    name: 'worker',
    entry: 'functions/workers/default.ts',
    memorySize: 512,
    timeout,
    tasks: [slow],
    consumes: [{ queue, batchSize: 10, maxConcurrency: 2 }],
  });
}

it('accepts a task that ends 20 s before its worker', () => {
  expect(workerFor(Duration.seconds(320)).function.timeout?.toSeconds()).toBe(320);
});

it('refuses a task that its worker cannot wait for, naming both and the way out', () => {
  expect(() => workerFor(Duration.seconds(319))).toThrow(
    'task slow: its hard limit of 300 s needs a worker of 320 s, but worker has 319 s: ' +
      'lower timeLimit.hard or move the task to a queue with a longer worker',
  );
});

it('asks nothing of a worker for tasks of other queues', () => {
  expect(workerFor(Duration.seconds(30), 'priority').function.timeout?.toSeconds()).toBe(30);
});
