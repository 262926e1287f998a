import * as z from 'zod';
import { ofType, type SynthesisedStage } from './synthesise.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());

const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMore, Resource: oneOrMore }),
    ),
  }),
});
const identityPolicy = policy.extend({ Roles: z.array(z.string()) });

/** One action that a function's role allows on one resource. */
export interface Permission {
  /** The function's name in the template. */
  readonly fn: string;
  readonly action: string;
  readonly resource: string;
}

/** All that the functions of a stage may do. Throws for a policy of a role that is no function's. */
export function permissionsOf(stage: SynthesisedStage): readonly Permission[] {
  const functionOf = new Map(
    ofType(stage, 'AWS::Lambda::Function').map((fn) => [
      z
        .string()
        .parse(fn.properties['Role'])
        .replace(/\.Arn$/, ''),
      fn.name,
    ]),
  );
  return ofType(stage, 'AWS::IAM::Policy').flatMap(({ name, properties }) => {
    const { PolicyDocument, Roles } = identityPolicy.parse(properties);
    return Roles.flatMap((role) => {
      const fn = functionOf.get(role);
      if (fn === undefined) throw new Error(`the policy ${name} belongs to ${role}, which no function has`);
      return PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) =>
        statement.Action.flatMap((action) =>
          statement.Resource.map((resource) => ({ fn, action, resource })),
        ),
      );
    });
  });
}
