import type { App, StackProps } from 'aws-cdk-lib';
import { readStage } from '../stages.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { StatefulStack } from './stateful-stack.ts';

/**
 * Declares the stacks of the stage that the app's context names.
 * @throws InvalidContext when there is no such stage, or no such execution mode
 */
export function declareStacks(app: App): { stateful: StatefulStack; pipeline: PipelineStack } {
  const stage = readStage(app.node.tryGetContext('stage'), app.node.tryGetContext('executionMode'));
  const shared: StackProps = {
    terminationProtection: stage.keepsData,
    tags: { project: 'celeriac', stage: stage.name },
  };
  const stateful = new StatefulStack(app, `Celeriac-${stage.name}-Stateful`, { ...shared, stage });
  const pipeline = new PipelineStack(app, `Celeriac-${stage.name}-Pipeline`, { ...shared, stage, stateful });
  return { stateful, pipeline };
}
