import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Route } from '#functions/runtime/define-route.ts';
import type { StageSettings } from '../stages.ts';
import { acknowledgeFinding } from './acknowledge-finding.ts';
import { declareApiAlarms } from './api-alarms.ts';
import { bundlesBeside } from './bundling.ts';
import { FunctionIntegration } from './function-integration.ts';
import { NodeFunction } from './node-function.ts';
import { stageLogGroup } from './stage-log-group.ts';

/** Lambda's client is a tenth of the API's bundle, and seldom needed: loaded when it is. */
const lambdaCallsFile = 'shared/aws/lambda-calls.ts';

/** Which stage's API, and what it answers. */
export interface HttpApiProps {
  readonly stage: StageSettings;
  readonly routes: readonly Pick<Route, 'method' | 'path'>[];
}

/**
 * One function behind every route; who may do what is decided inside it, so that it holds behind any gateway. LocalStack has
 * no gateway of this kind, so there the function has an address of its own, which sends the same events.
 */
export class HttpApi extends Construct {
  readonly function: lambda.Function;
  /** Without a slash at its end. */
  readonly url: string;
  /** Null where the function has an address of its own. */
  readonly gateway: apigateway.HttpApi | null;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const node = new NodeFunction(this, 'Function', {
      stage: props.stage,
      name: 'api',
      description: 'Celeriac: answers the HTTP API',
      entry: 'functions/api/main.ts',
      beside: bundlesBeside([lambdaCallsFile]),
      memorySize: 512,
      // The gateway gives up after 30 s.
      timeout: Duration.seconds(29),
    });
    this.function = node.function;

    this.gateway = props.stage.emulator === 'localstack' ? null : this.#gateway(props);
    this.url = this.gateway?.apiEndpoint ?? this.#ownUrl();
    if (this.gateway) declareApiAlarms(this, { ...props, gateway: this.gateway, look: node.logPage });
  }

  #ownUrl(): string {
    // Without a permission to call it: LocalStack asks for none, and does not know the one that CDK would grant.
    const { attrFunctionUrl } = new lambda.CfnUrl(this, 'Url', {
      targetFunctionArn: this.function.functionArn,
      authType: lambda.FunctionUrlAuthType.NONE,
    });
    const part = (index: number) => Fn.select(index, Fn.split('/', attrFunctionUrl));
    return `${part(0)}//${part(2)}`;
  }

  #gateway(props: HttpApiProps): apigateway.HttpApi {
    const integration = new FunctionIntegration('Integration', this.function);
    const api = new apigateway.HttpApi(this, 'Api', {
      apiName: `celeriac-${props.stage.name}`,
      // Catches unknown paths and slashes at the end, so that they are answered as everything else is.
      defaultIntegration: integration,
      createDefaultStage: false,
    });
    acknowledgeFinding(api, {
      id: 'AwsSolutions-APIG4',
      reason:
        'The function checks a token for each route that is not public: docs/decisions/0007-auth-inside-the-function.md.',
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
      // Without it whoever has no token could still use up the account's requests and functions.
      throttle: { rateLimit: props.stage.requestRate, burstLimit: 2 * props.stage.requestRate },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(stageLogGroup(this, 'AccessLogs', props.stage)),
        format: AccessLogFormat.custom(JSON.stringify(accessLogLine)),
      },
    });
    return api;
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
