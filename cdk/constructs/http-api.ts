import { Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Route } from '#functions/runtime/define-route.ts';
import type { StageSettings } from '../stages.ts';
import { FunctionIntegration } from './function-integration.ts';
import { NodeFunction } from './node-function.ts';
import { stageLogGroup } from './stage-log-group.ts';

/** One function behind every route; who may do what is decided inside it, so that it holds behind any gateway. */
export class HttpApi extends Construct {
  readonly function: lambda.Function;
  /** Without a slash at its end. */
  readonly url: string;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageSettings; readonly routes: readonly Pick<Route, 'method' | 'path'>[] },
  ) {
    super(scope, id);
    this.function = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: 'api',
      description: 'Celeriac: answers the HTTP API',
      entry: 'functions/api/main.ts',
      memorySize: 512,
      // The gateway gives up after 30 s.
      timeout: Duration.seconds(29),
    }).function;

    const integration = new FunctionIntegration('Integration', this.function);
    const api = new apigateway.HttpApi(this, 'Api', {
      apiName: `celeriac-${props.stage.name}`,
      // Catches unknown paths and slashes at the end, so that they are answered as everything else is.
      defaultIntegration: integration,
      createDefaultStage: false,
    });
    for (const { method, path } of props.routes) {
      api.addRoutes({ path, methods: [apigateway.HttpMethod[method]], integration });
    }
    this.function.addPermission('Gateway', {
      principal: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      // Stage and route. A call through `$default` names no method, so a pattern of three parts would leave it out.
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: api.apiId,
        resourceName: '*/*',
      }),
    });

    // Tells of requests that never reach the function; without query strings, which may hold what is nobody's business.
    api.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(stageLogGroup(this, 'AccessLogs', props.stage)),
        format: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
    this.url = api.apiEndpoint;
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const accessLogLine = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
};
