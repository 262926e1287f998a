import { expect, it } from 'vitest';
import * as z from 'zod';
import { routes } from '#functions/route-registry.ts';
import { ofType, synthesise } from './synthesise.ts';

const stage = synthesise();

it('has every declared route and $default, all on the one function', () => {
  const deployed = ofType(stage, 'AWS::ApiGatewayV2::Route').map(({ properties }) =>
    z.object({ RouteKey: z.string(), Target: z.string() }).parse(properties),
  );
  const declared = routes.map(({ method, path }) => `${method} ${path}`);
  expect(deployed.map(({ RouteKey }) => RouteKey).sort()).toEqual([...declared, '$default'].sort());

  const [integration, ...others] = ofType(stage, 'AWS::ApiGatewayV2::Integration');
  expect(others).toEqual([]);
  expect(new Set(deployed.map(({ Target }) => Target))).toEqual(
    new Set([`integrations/${integration?.name}`]),
  );
  expect(integration?.properties).toMatchObject({
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: 'HttpApiFunction.Arn',
    PayloadFormatVersion: '2.0',
  });
});

it('may call the function by one permission that fits every route, $default too', () => {
  const granted = ofType(stage, 'AWS::Lambda::Permission')
    .map(({ properties }) => z.record(z.string(), z.string()).parse(properties))
    .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com');
  expect(granted).toHaveLength(1);
  const [{ SourceArn = '', FunctionName } = {}] = granted;
  expect(FunctionName).toBe('HttpApiFunction.Arn');

  // What API Gateway names as the source of a call: api/stage/METHOD/path, or api/stage/$default.
  const pattern = asPattern(SourceArn);
  const api = 'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:HttpApi';
  const sources = routes.map(({ method, path }) => `${api}/$default/${method}${path}`);
  for (const source of [...sources, `${api}/$default/$default`]) expect(source).toMatch(pattern);
  expect(`${api.replace(/HttpApi$/, 'another')}/$default/$default`).not.toMatch(pattern);
});

/** How IAM reads an ARN with wildcards. */
function asPattern(arn: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${arn.split('*').map(literal).join('.*')}$`);
}

it.each([
  ['dev', 100],
  ['staging', 500],
  ['prod', 2000],
])('lets nobody use up the account’s requests in %s', (name, rate) => {
  const [apiStage] = ofType(synthesise(name), 'AWS::ApiGatewayV2::Stage');
  expect(apiStage?.properties['DefaultRouteSettings']).toEqual({
    ThrottlingRateLimit: rate,
    ThrottlingBurstLimit: 2 * rate,
  });
});

it('answers at the root of its address and logs requests without their query', () => {
  const [apiStage] = ofType(stage, 'AWS::ApiGatewayV2::Stage');
  const { StageName, AccessLogSettings } = z
    .looseObject({
      StageName: z.string(),
      AccessLogSettings: z.object({ DestinationArn: z.string(), Format: z.string() }),
    })
    .parse(apiStage?.properties);
  expect(StageName).toBe('$default');
  expect(AccessLogSettings.DestinationArn).toBe('HttpApiAccessLogs.Arn');
  expect(JSON.parse(AccessLogSettings.Format)).toMatchObject({ status: '$context.status' });
  expect(AccessLogSettings.Format).not.toMatch(/query|authorization|\$context\.identity\.(?!sourceIp)/i);
});

it('tells the operator where things are', () => {
  expect(stage.outputs).toEqual({
    ApiUrl: 'HttpApi.ApiEndpoint',
    FileBucketName: 'FileBucket',
    PipelineTableName: 'PipelineTable',
    ApplicationTableName: 'ApplicationTable',
    PayloadBucketName: 'PayloadBucket',
    AlarmTopicArn: 'AlarmsTopic',
  });
});
