import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { InvocationResult } from '../functions/function-pool.ts';
import { laptopArn } from './laptop-arn.ts';
import type { Permissions } from './permissions.ts';

type Invoke = (functionName: string, event: unknown) => Promise<InvocationResult>;

/**
 * Invokes functions for rules, as EventBridge does: only with an AWS::Lambda::Permission for `events.amazonaws.com`.
 * Source: "Using dead-letter queues" in the EventBridge User Guide, for the name of the failure.
 */
export function invokeForRules(
  permissions: Pick<Permissions, 'letInvoke'>,
  invoke: Invoke,
): (functionName: string, event: unknown, ruleArn: string) => Promise<InvocationResult> {
  return async (functionName, event, ruleArn) => {
    const call = { functionName, principal: 'events.amazonaws.com', sourceArn: ruleArn };
    return permissions.letInvoke(call) ? invoke(functionName, event) : notAllowed('NO_PERMISSIONS', call);
  };
}

/**
 * Invokes functions for the routes of an HTTP API, as API Gateway does: only with an AWS::Lambda::Permission for
 * `apigateway.amazonaws.com`. Without one its client gets a 500.
 * Source: "Control access to … Lambda" and "Troubleshooting issues with HTTP API Lambda integrations" in the API Gateway
 * Developer Guide.
 */
export function invokeForApi(
  permissions: Pick<Permissions, 'letInvoke'>,
  invoke: Invoke,
): (functionName: string, event: APIGatewayProxyEventV2) => Promise<InvocationResult> {
  return async (functionName, event) => {
    const { apiId, stage, routeKey } = event.requestContext;
    const route = routeKey.replace(' ', '');
    const sourceArn = laptopArn('execute-api', `${apiId}/${stage}/${route}`);
    const call = { functionName, principal: 'apigateway.amazonaws.com', sourceArn };
    return permissions.letInvoke(call)
      ? invoke(functionName, event)
      : notAllowed('AccessDeniedException', call);
  };
}

function notAllowed(
  errorType: string,
  { principal, functionName }: { principal: string; functionName: string },
): InvocationResult {
  const errorMessage = `${principal} is not allowed to invoke ${functionName}: it takes an AWS::Lambda::Permission`;
  return { ok: false, errorType, errorMessage };
}
