import { type App, PermissionsBoundary, type StackProps } from 'aws-cdk-lib';
import { refuseUnknownContext } from '../context.ts';
import { contextNames, readStage, type StageContext } from '../stages.ts';
import { DeployerStack, readGithub } from './deployer-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { StatefulStack } from './stateful-stack.ts';

/**
 * Declares the stacks of the stage that the app's context names; the deployer's only where the context names a repository.
 * @throws InvalidContext when the context has a name or a value that does not exist
 */
export function declareStacks(app: App): {
  stateful: StatefulStack;
  pipeline: PipelineStack;
  deployer?: DeployerStack;
} {
  const context: StageContext = app.node.getAllContext();
  refuseUnknownContext(context, contextNames);
  const stage = readStage(context);
  const github = readGithub(context);
  const shared: StackProps = {
    terminationProtection: stage.keepsData,
    tags: { project: 'celeriac', stage: stage.name },
    ...(stage.permissionsBoundary !== null && {
      permissionsBoundary: PermissionsBoundary.fromName(stage.permissionsBoundary),
    }),
  };
  const prefix = `Celeriac-${stage.name}`;
  const stateful = new StatefulStack(app, `${prefix}-Stateful`, { ...shared, stage });
  const pipeline = new PipelineStack(app, `${prefix}-Pipeline`, { ...shared, stage, stateful });
  return {
    stateful,
    pipeline,
    ...(github && { deployer: new DeployerStack(app, `${prefix}-Deployer`, { ...shared, stage, github }) }),
  };
}
