import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';
import { NodeFunction } from './node-function.ts';

/**
 * Submits the tasks of schedules. Lambda tries a run that failed twice more, as it does by itself: the task's id comes from
 * schedule and minute, so no run submits a task again.
 */
export class Beat extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: { readonly stage: StageSettings }) {
    super(scope, id);
    this.function = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: 'beat',
      description: 'Celeriac: submits the tasks of schedules when they are due',
      entry: 'functions/beat/main.ts',
      memorySize: 512,
      timeout: Duration.seconds(30),
    }).function;
  }
}
