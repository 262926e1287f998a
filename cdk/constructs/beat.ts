import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { NodeFunction } from './node-function.ts';
import type { UndeliveredEvents } from './undelivered-events.ts';

/**
 * Submits the tasks of schedules. Lambda tries a run that failed twice more: the task's id comes from schedule and minute, so
 * no run submits a task again. An event that every run failed on is kept, to be run again by hand.
 */
export class Beat extends Construct {
  readonly function: lambda.Function;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageSettings; readonly undelivered: UndeliveredEvents },
  ) {
    super(scope, id);
    this.function = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: 'beat',
      description: 'Celeriac: submits the tasks of schedules when they are due',
      entry: 'functions/beat/main.ts',
      memorySize: 512,
      timeout: Duration.seconds(30),
      asynchronous: { retryAttempts: 2, onFailure: props.undelivered.destination },
    }).function;
  }
}
