import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StageSettings } from '../stages.ts';

/** Which secret, and how a function is told of it. */
export interface SecretParameterProps {
  readonly stage: StageSettings;
  /** The last part of the parameter's name, `/celeriac/<stage>/<name>`. */
  readonly name: string;
  /** The variable that names the parameter; the value itself never enters template or environment. */
  readonly variable: string;
}

/**
 * A Systems Manager SecureString that the operator creates (`aws ssm put-parameter --type SecureString`): CloudFormation
 * cannot, and should not see the value.
 */
export class SecretParameter extends Construct {
  readonly parameterName: string;
  readonly #variable: string;

  constructor(scope: Construct, id: string, props: SecretParameterProps) {
    super(scope, id);
    this.parameterName = `/celeriac/${props.stage.name}/${props.name}`;
    this.#variable = props.variable;
  }

  /**
   * Reading the secret. No permission on a key: the policy of `alias/aws/ssm` itself lets every caller of this
   * account decrypt through Systems Manager. https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
   */
  grantRead(fn: lambda.Function): void {
    fn.addEnvironment(this.#variable, this.parameterName);
    fn.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [
          Stack.of(this).formatArn({
            service: 'ssm',
            resource: 'parameter',
            resourceName: this.parameterName.slice(1),
          }),
        ],
      }),
    );
  }
}
