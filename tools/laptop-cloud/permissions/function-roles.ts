import * as z from 'zod';
import type { IdentifiedAssembly, ResolvedResource } from '../provision/identify-resources.ts';
import { readProperties, unread } from '../provision/read-properties.ts';
import { readStatements, type Statement } from './statements.ts';

const READER = 'permissions/function-roles.ts';

/** A function's role with all that its policies say. */
export interface FunctionRole {
  readonly functionName: string;
  readonly roleName: string;
  readonly statements: readonly Statement[];
}

/** The managed policies of AWS that the laptop cloud knows, as they were published. */
const AWS_MANAGED: Readonly<Record<string, Statement>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': {
    effect: 'Allow',
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: ['*'],
  },
};

const RoleProperties = z.strictObject({
  AssumeRolePolicyDocument: z.looseObject({
    Statement: z.array(
      z.looseObject({
        Effect: z.string(),
        Action: z.union([z.string(), z.array(z.string())]),
        Principal: z.looseObject({ Service: z.union([z.string(), z.array(z.string())]).optional() }),
      }),
    ),
  }),
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  RoleName: unread,
  Description: unread,
  Path: unread,
  MaxSessionDuration: unread,
  Tags: unread,
});

const PolicyProperties = z.strictObject({
  PolicyName: unread,
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
});

const ManagedPolicyProperties = z.strictObject({
  ManagedPolicyName: unread,
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
  Description: unread,
  Path: unread,
});

const FunctionProperties = z.looseObject({
  Role: z.string('has no Role: every call of the function would be refused'),
});

/**
 * Reads the role of every function of the templates, with its policies: its own, those attached to it, and managed ones.
 * Source: AWS CloudFormation Template Reference, AWS::IAM::Role, Policy and ManagedPolicy.
 * @throws Error naming a function without a role, a role that Lambda cannot assume, or a policy that the laptop cloud
 * cannot judge by (a permissions boundary among them)
 */
export function readFunctionRoles(assembly: IdentifiedAssembly): FunctionRole[] {
  const roles = new Map(
    assembly.resources('AWS::IAM::Role').map((role) => [role.name, readRole(role, assembly)]),
  );
  return assembly.resources('AWS::Lambda::Function').map((fn) => {
    const { Role } = readProperties(fn, FunctionProperties, READER);
    const roleName = Role.slice(Role.lastIndexOf('/') + 1);
    const role = roles.get(roleName);
    if (role === undefined) {
      throw new Error(`The function ${fn.name} has the role ${Role}, which is not in the templates`);
    }
    if (!role.trustsLambda) {
      throw new Error(
        `The role ${roleName} cannot be assumed by Lambda: allow sts:AssumeRole to lambda.amazonaws.com in its AssumeRolePolicyDocument`,
      );
    }
    return { functionName: fn.name, roleName, statements: role.statements };
  });
}

function readRole(resource: ResolvedResource, assembly: IdentifiedAssembly) {
  const given = readProperties(resource, RoleProperties, READER);
  const trustsLambda = given.AssumeRolePolicyDocument.Statement.some(
    ({ Effect, Action, Principal }) =>
      Effect === 'Allow' &&
      [Action].flat().includes('sts:AssumeRole') &&
      [Principal.Service].flat().includes('lambda.amazonaws.com'),
  );
  const own = given.Policies.flatMap(({ PolicyName, PolicyDocument }) =>
    readStatements(PolicyDocument, `The policy ${PolicyName} of the role ${resource.name}`),
  );
  const attached = assembly.resources('AWS::IAM::Policy').flatMap((policy) => {
    const { PolicyDocument, Roles } = readProperties(policy, PolicyProperties, READER);
    return Roles.includes(resource.name) ? readStatements(PolicyDocument, named(policy)) : [];
  });
  return { trustsLambda, statements: [...own, ...attached, ...managed(resource.name, given, assembly)] };
}

/** The statements of managed policies: those that the role names, and those of the templates that name the role. */
function managed(
  roleName: string,
  { ManagedPolicyArns }: z.output<typeof RoleProperties>,
  assembly: IdentifiedAssembly,
): Statement[] {
  const declared = assembly.resources('AWS::IAM::ManagedPolicy').map((policy) => {
    const { stack, logicalId } = policy;
    return { policy, arn: String(assembly.resolver.value(stack, { Ref: logicalId }, named(policy))) };
  });
  for (const arn of ManagedPolicyArns) {
    if (!(arn in AWS_MANAGED) && !declared.some((one) => one.arn === arn)) {
      throw new Error(
        `The role ${roleName} has the managed policy ${arn}, which the laptop cloud does not know: add it to tools/laptop-cloud/${READER}`,
      );
    }
  }
  return [
    ...Object.entries(AWS_MANAGED)
      .filter(([arn]) => ManagedPolicyArns.includes(arn))
      .map(([, statement]) => statement),
    ...declared.flatMap(({ policy, arn }) => {
      const { PolicyDocument, Roles } = readProperties(policy, ManagedPolicyProperties, READER);
      const applies = Roles.includes(roleName) || ManagedPolicyArns.includes(arn);
      return applies ? readStatements(PolicyDocument, named(policy)) : [];
    }),
  ];
}

function named({ type, stack, logicalId }: ResolvedResource): string {
  return `${type} (${stack}/${logicalId})`;
}
