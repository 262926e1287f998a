import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { InvalidContext } from './context.ts';
import { declareStacks } from './stacks/declare-stacks.ts';

try {
  const app = new App();
  declareStacks(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} catch (error) {
  if (!(error instanceof InvalidContext)) throw error;
  // The operator mistyped: a stack trace would only hide the message.
  console.error(error.message);
  process.exit(1);
}
