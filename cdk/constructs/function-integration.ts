import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * Sends a route's requests to a function, without a permission: the API grants one for all its routes. CDK's own
 * integration grants one for each, which outgrows the function's policy at some 40 routes, or one that leaves out
 * `$default` (https://github.com/aws/serverless-application-model/issues/1860 is the same fault).
 */
export class FunctionIntegration extends apigateway.HttpRouteIntegration {
  readonly #fn: lambda.IFunction;

  constructor(id: string, fn: lambda.IFunction) {
    super(id);
    this.#fn = fn;
  }

  override bind(): apigateway.HttpRouteIntegrationConfig {
    return {
      type: apigateway.HttpIntegrationType.AWS_PROXY,
      uri: this.#fn.functionArn,
      payloadFormatVersion: apigateway.PayloadFormatVersion.VERSION_2_0,
    };
  }
}
