import { Stack, Validations } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** A rule of cdk-nag's AwsSolutions that does not fit here. */
export interface AcknowledgedFinding {
  /** As cdk-nag prints it, with what is in brackets: a bare id would not count for a rule that finds one thing at a time. */
  readonly id: `AwsSolutions-${string}`;
  /** Why it does not fit, in a sentence. */
  readonly reason: string;
}

/** Lets a finding pass for a construct and what is in it, and nowhere else. */
export function acknowledgeFinding(construct: IConstruct, finding: AcknowledgedFinding): void {
  Validations.of(construct).acknowledge(finding);
}

/**
 * Lets a function's role name a folder of a bucket: which keys there will be is not known when the template is made.
 * @param folder as in `payloads/`
 */
export function acknowledgeFolder(fn: lambda.Function, bucket: s3.Bucket, folder: string): void {
  const { role } = fn;
  if (role === undefined) throw new Error(`${fn.node.path} has no role, so no permission on ${folder}`);
  acknowledgeFinding(role, {
    id: `AwsSolutions-IAM5[Resource::${arnAsNagPrintsIt(fn, bucket)}/${folder}*]`,
    reason: `Only under ${folder}, but the keys there are made of ids that tasks and callers bring.`,
  });
}

function arnAsNagPrintsIt(fn: lambda.Function, bucket: s3.Bucket): string {
  const stack = Stack.of(bucket);
  const { 'Fn::GetAtt': within } = stack.resolve(bucket.bucketArn);
  if (stack === Stack.of(fn)) return `<${within.join('.')}>`;
  return Stack.of(fn).resolve(stack.exportValue(bucket.bucketArn))['Fn::ImportValue'];
}
