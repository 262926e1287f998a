import { NO_VALUE, UnresolvedReference, type Where } from './intrinsics.ts';
import { LAPTOP_ACCOUNT, LAPTOP_REGION } from './laptop-account.ts';

/** The part of a stack that its parameters are told by. */
export interface ParameterScope {
  name: string;
  parameters: Record<string, { type: string; default?: unknown }>;
  mappings: Record<string, unknown>;
}

/** The bootstrap version the laptop claims: above every minimum that CDK's templates ask for. */
const BOOTSTRAP_VERSION = '30';

/**
 * Tells what a `Ref` means that names no resource: a pseudo-parameter or a parameter of the template.
 * Source: AWS CloudFormation User Guide, "Pseudo parameters reference".
 * @param ssm values of Systems Manager parameters by name, for parameters of type `AWS::SSM::Parameter::Value`
 * @returns undefined when the template has no such parameter: the name may be a resource's
 * @throws UnresolvedReference for a parameter that has no value on a laptop
 */
export function parameterValue(
  stack: ParameterScope,
  name: string,
  ssm: Readonly<Record<string, string>>,
  where: Where,
): unknown {
  const pseudo = pseudoParameters(stack.name)[name];
  if (pseudo !== undefined) return pseudo;

  const parameter = stack.parameters[name];
  if (parameter === undefined) return undefined;
  if (parameter.default === undefined) {
    throw new UnresolvedReference(`${where}: the parameter ${name} has no default, and a laptop gives none`);
  }
  if (!parameter.type.startsWith('AWS::SSM::Parameter::Value')) return parameter.default;

  const path = String(parameter.default);
  const value = ssm[path] ?? (/^\/cdk-bootstrap\/[^/]+\/version$/.test(path) ? BOOTSTRAP_VERSION : undefined);
  if (value === undefined) {
    throw new UnresolvedReference(
      `${where}: the Systems Manager parameter ${path} has no value on the laptop`,
    );
  }
  return value;
}

/** Looks up `Fn::FindInMap` in a template's mappings. */
export function mappingValue(stack: ParameterScope, path: [string, string, string], where: Where): unknown {
  let found: unknown = stack.mappings;
  for (const key of path) found = isRecord(found) ? found[key] : undefined;
  if (found === undefined) throw new UnresolvedReference(`${where}: there is no mapping ${path.join('.')}`);
  return found;
}

function pseudoParameters(stackName: string): Record<string, unknown> {
  return {
    'AWS::AccountId': LAPTOP_ACCOUNT,
    'AWS::Region': LAPTOP_REGION,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:aws:cloudformation:${LAPTOP_REGION}:${LAPTOP_ACCOUNT}:stack/${stackName}/laptop`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
