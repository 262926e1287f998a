import * as z from 'zod';
import type { IdentifiedAssembly } from '../provision/identify-resources.ts';
import { readProperties } from '../provision/read-properties.ts';
import { matchesArn } from './matches-pattern.ts';

/** What lets a service invoke a function: an AWS::Lambda::Permission. */
export interface InvokeGrant {
  readonly functionName: string;
  /** The service: `events.amazonaws.com`. */
  readonly principal: string;
  /** Whose calls, as an ARN with wildcards; absent for all of the service's. */
  readonly sourceArn?: string;
}

const PermissionProperties = z.strictObject({
  Action: z.literal('lambda:InvokeFunction', 'only lambda:InvokeFunction is granted to services on a laptop'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
});

/**
 * Reads who may invoke the functions of the templates, their own roles aside.
 * Source: AWS CloudFormation Template Reference, AWS::Lambda::Permission.
 * @throws Error naming a property that the laptop cloud does not judge by
 */
export function readInvokeGrants(assembly: IdentifiedAssembly): InvokeGrant[] {
  return assembly.resources('AWS::Lambda::Permission').map((resource) => {
    const given = readProperties(resource, PermissionProperties, 'permissions/invoke-grants.ts');
    return {
      functionName: given.FunctionName.slice(given.FunctionName.lastIndexOf(':') + 1),
      principal: given.Principal,
      ...(given.SourceArn !== undefined && { sourceArn: given.SourceArn }),
    };
  });
}

/** Whether a service may invoke a function on behalf of what `sourceArn` names. */
export function mayInvoke(
  grants: readonly InvokeGrant[],
  call: { functionName: string; principal: string; sourceArn: string },
): boolean {
  return grants.some(
    ({ functionName, principal, sourceArn }) =>
      functionName === call.functionName &&
      principal === call.principal &&
      (sourceArn === undefined || matchesArn(sourceArn, call.sourceArn)),
  );
}
