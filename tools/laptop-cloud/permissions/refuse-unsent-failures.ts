import * as z from 'zod';
import type { IdentifiedAssembly } from '../provision/identify-resources.ts';
import { readProperties } from '../provision/read-properties.ts';
import type { FunctionRole } from './function-roles.ts';
import { judge } from './judge.ts';

/** Where Lambda records that a function failed on an event at every attempt. */
export interface FailureDestination {
  readonly functionName: string;
  readonly queueArn: string;
}

const Config = z.looseObject({
  FunctionName: z.string(),
  DestinationConfig: z.looseObject({ OnFailure: z.looseObject({ Destination: z.string() }) }).optional(),
});

/** Reads the on-failure destinations of the templates. */
export function readFailureDestinations(assembly: IdentifiedAssembly): FailureDestination[] {
  return assembly.resources('AWS::Lambda::EventInvokeConfig').flatMap((resource) => {
    const given = readProperties(resource, Config, 'permissions/refuse-unsent-failures.ts');
    const { FunctionName: functionName, DestinationConfig: config } = given;
    return config === undefined ? [] : [{ functionName, queueArn: config.OnFailure.Destination }];
  });
}

/**
 * Refuses on-failure destinations that Lambda refuses to set: it sends to them under the role of the function.
 * Source: "Capturing records of Lambda asynchronous invocations", configuration of destinations.
 * @throws Error with a line for each that the role does not let it send to
 */
export function refuseUnsentFailures(
  destinations: readonly FailureDestination[],
  roles: readonly FunctionRole[],
): void {
  const needed = (resource: string) => ({ action: 'sqs:SendMessage', resource });
  const lines = destinations.flatMap(({ functionName, queueArn }) => {
    const role = roles.find((one) => one.functionName === functionName);
    if (judge(role?.statements ?? [], needed(queueArn)) === 'allowed') return [];
    return [
      `The on-failure destination ${queueArn} cannot be set: the execution role ${role?.roleName} of ${functionName} does not have permissions to call SendMessage on SQS`,
    ];
  });
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
