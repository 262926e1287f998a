import * as z from 'zod';
import { LAPTOP_ACCOUNT } from '../assembly/laptop-account.ts';
import type { IdentifiedAssembly, ResolvedResource } from '../provision/identify-resources.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import type { HttpApi } from './http-gateway.ts';

const READER = 'gateway/describe-api.ts';

const ApiProperties = z.strictObject({
  Name: z.string(),
  ProtocolType: z.literal('HTTP'),
  Description: unread,
  DisableExecuteApiEndpoint: unread,
  IpAddressType: unread,
  Tags: unread,
});

/** Throttling and access logs are what a laptop has none of. */
const StageProperties = z.strictObject({
  ApiId: z.string(),
  StageName: z.string(),
  AutoDeploy: unread,
  AccessLogSettings: unread,
  DefaultRouteSettings: unread,
  RouteSettings: unread,
  Description: unread,
  Tags: unread,
});

const RouteProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string().regex(/^(?:\$default|[A-Z]+ \/.*)$/),
  Target: z.string().regex(/^integrations\/.+$/),
  AuthorizationType: z.literal('NONE').optional(),
  OperationName: unread,
});

/** A bare function ARN, or the invocation path that wraps one. */
const FUNCTION_ARN = /arn:aws:lambda:[^:]*:[^:]*:function:([^:/]+)/;

const IntegrationProperties = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string().regex(FUNCTION_ARN, 'only functions answer on a laptop'),
  PayloadFormatVersion: z.literal('2.0'),
  IntegrationMethod: unread,
  Description: unread,
});

/**
 * Reads the HTTP API of the templates.
 * @returns null when the templates have none
 * @throws Error when there are several, or naming the part that the laptop cloud cannot run
 */
export function describeApi(assembly: IdentifiedAssembly): HttpApi | null {
  const [api, ...others] = assembly.resources('AWS::ApiGatewayV2::Api');
  if (api === undefined) return null;
  if (others.length > 0) {
    const names = [api, ...others].map(({ stack, logicalId }) => `${stack}/${logicalId}`);
    throw new Error(`The laptop cloud serves one HTTP API, and the templates have ${names.join(' and ')}`);
  }
  readProperties(api, ApiProperties, READER);
  const idOf = ({ stack, logicalId }: ResolvedResource) =>
    String(assembly.resolver.value(stack, { Ref: logicalId }, `${stack}/${logicalId}`));

  const functions = new Map(
    assembly.resources('AWS::ApiGatewayV2::Integration').map((resource) => {
      const { IntegrationUri } = readProperties(resource, IntegrationProperties, READER);
      return [`integrations/${idOf(resource)}`, FUNCTION_ARN.exec(IntegrationUri)?.[1]];
    }),
  );
  const routes = assembly.resources('AWS::ApiGatewayV2::Route').map((resource) => {
    const { RouteKey, Target } = readProperties(resource, RouteProperties, READER);
    const functionName = functions.get(Target);
    if (functionName === undefined) {
      throw new Error(`The route "${RouteKey}" leads to ${Target}, which is no integration of the templates`);
    }
    return { routeKey: RouteKey, functionName };
  });
  const [stage] = assembly
    .resources('AWS::ApiGatewayV2::Stage')
    .map((resource) => readProperties(resource, StageProperties, READER).StageName);
  return { id: idOf(api), accountId: LAPTOP_ACCOUNT, stage: stage ?? '$default', routes };
}
