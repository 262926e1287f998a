import { describe, expect, it } from 'vitest';
import { identifiedAssembly } from '../fixtures/identified-assembly.ts';
import { describeApi } from './describe-api.ts';

type Given = Parameters<typeof identifiedAssembly>[0];

const inApi = (Type: string, properties: Record<string, unknown>) => ({
  Type: `AWS::ApiGatewayV2::${Type}`,
  Properties: { ApiId: { Ref: 'Api' }, ...properties },
});
const proxy = { IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' };
const to = (integration: string) => ({ 'Fn::Join': ['', ['integrations/', { Ref: integration }]] });
const arnOf = (fn: string) => ({ 'Fn::GetAtt': [fn, 'Arn'] });
const invocationOf = (fn: string) => ({
  'Fn::Join': [
    '',
    ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', arnOf(fn), '/invocations'],
  ],
});

const RESOURCES: Given = {
  One: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'one' } },
  Two: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'two' } },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
  ToOne: inApi('Integration', { ...proxy, IntegrationUri: arnOf('One') }),
  ToTwo: inApi('Integration', { ...proxy, IntegrationUri: invocationOf('Two') }),
  Get: inApi('Route', { RouteKey: 'GET /tasks/{id}', Target: to('ToOne'), AuthorizationType: 'NONE' }),
  Default: inApi('Route', { RouteKey: '$default', Target: to('ToTwo') }),
};

const describeWith = (more: Given) => describeApi(identifiedAssembly({ ...RESOURCES, ...more }));

describe('the HTTP API of the templates', () => {
  it('leads each route to its function, however the integration names it', () => {
    expect(describeWith({})).toMatchObject({
      stage: '$default',
      routes: [
        { routeKey: 'GET /tasks/{id}', functionName: 'one' },
        { routeKey: '$default', functionName: 'two' },
      ],
    });
  });

  it('has the stage’s name', () => {
    expect(describeWith({ Stage: inApi('Stage', { StageName: 'dev', AutoDeploy: true }) })?.stage).toBe(
      'dev',
    );
  });

  it('may be absent', () => {
    expect(describeApi(identifiedAssembly({}))).toBeNull();
  });

  it.each<[string, Given, string]>([
    ['a second API', { Other: RESOURCES['Api'] ?? { Type: '' } }, 'Stack/Api and Stack/Other'],
    [
      'an authorizer',
      { Get: inApi('Route', { RouteKey: 'GET /', Target: to('ToOne'), AuthorizationType: 'JWT' }) },
      'AuthorizationType',
    ],
    [
      'CORS',
      {
        Api: {
          Type: 'AWS::ApiGatewayV2::Api',
          Properties: { Name: 'a', ProtocolType: 'HTTP', CorsConfiguration: {} },
        },
      },
      'CorsConfiguration',
    ],
    [
      'payload 1.0',
      {
        ToOne: inApi('Integration', { ...proxy, PayloadFormatVersion: '1.0', IntegrationUri: arnOf('One') }),
      },
      'PayloadFormatVersion',
    ],
  ])('is refused with %s', (_what, more, reason) => {
    expect(() => describeWith(more)).toThrow(reason);
  });
});
