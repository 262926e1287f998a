import { App } from 'aws-cdk-lib';
import { declareStacks } from './stacks/declare-stacks.ts';
import { InvalidContext } from './stages.ts';

try {
  declareStacks(new App());
} catch (error) {
  if (!(error instanceof InvalidContext)) throw error;
  // The operator mistyped: a stack trace would only hide the message.
  console.error(error.message);
  process.exit(1);
}
