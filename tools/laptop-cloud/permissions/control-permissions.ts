import * as z from 'zod';
import type { ControlCall } from '../control/control-api.ts';
import { functionNameOf } from '../control/invoke-function.ts';
import { matchCall } from '../control/rest-call.ts';
import type { NeededPermission } from './judge.ts';
import { laptopArn } from './laptop-arn.ts';

const INVOKE = { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/invocations$/ };
const MAPPINGS = /^\/2015-03-31\/event-source-mappings\/?$/;
const MAPPING = /^\/2015-03-31\/event-source-mappings\/([^/]+)$/;

const GetParameter = z.looseObject({ Name: z.string() });

/**
 * The permissions that a call of Lambda's or Systems Manager's API takes; null for one that the control API does not
 * answer anyway.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda" and "… for AWS Systems
 * Manager". (Reading a SecureString under `alias/aws/ssm` takes no permission on the key.)
 * @throws z.ZodError when the request does not name its parameter
 */
export function controlPermissions(call: ControlCall): NeededPermission[] | null {
  if (call.amzTarget === 'AmazonSSM.GetParameter') {
    const { Name } = GetParameter.parse(JSON.parse(call.body));
    const resource = Name.startsWith('arn:')
      ? Name
      : laptopArn('ssm', `parameter${Name.startsWith('/') ? '' : '/'}${Name}`);
    return [{ action: 'ssm:GetParameter', resource }];
  }
  const invoked = matchCall(call, INVOKE);
  if (invoked !== null) {
    const resource = laptopArn('lambda', `function:${functionNameOf(invoked.named)}`);
    return [{ action: 'lambda:InvokeFunction', resource }];
  }
  if (matchCall(call, { method: 'GET', path: MAPPINGS }) !== null) {
    return [{ action: 'lambda:ListEventSourceMappings', resource: '*' }];
  }
  const asked = matchCall(call, { method: 'GET', path: MAPPING });
  const changed = matchCall(call, { method: 'PUT', path: MAPPING });
  const named = (asked ?? changed)?.named;
  if (named === undefined) return null;
  const action = `lambda:${asked === null ? 'Update' : 'Get'}EventSourceMapping`;
  return [{ action, resource: laptopArn('lambda', `event-source-mapping:${named}`) }];
}
