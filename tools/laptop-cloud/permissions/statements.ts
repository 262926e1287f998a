import * as z from 'zod';
import { isArn } from './matches-pattern.ts';

/** One statement of a policy that says what its role may or may not do. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** `service:Action`, with wildcards. */
  readonly actions: readonly string[];
  /** ARNs, with wildcards. */
  readonly resources: readonly string[];
}

const oneOrMore = <Item extends z.ZodType<string>>(item: Item) =>
  z.union([item, z.array(item).min(1)]).transform((given) => [given].flat());

const action = z.string().regex(/^(?:\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/, 'is no service:Action');
const resource = z.string().refine((text) => text === '*' || isArn(text), 'is neither * nor an ARN');

/** Strict: a Condition, NotAction or NotResource that was dropped would allow what AWS denies, or the other way round. */
const PolicyDocument = z.strictObject({
  Version: z.literal('2012-10-17').optional(),
  Id: z.string().optional(),
  Statement: z.union([z.unknown().array(), z.unknown().transform((one) => [one])]).pipe(
    z.array(
      z.strictObject({
        Sid: z.string().optional(),
        Effect: z.enum(['Allow', 'Deny']),
        Action: oneOrMore(action),
        Resource: oneOrMore(resource),
      }),
    ),
  ),
});

/**
 * Reads the statements of a role's policy, all references resolved.
 * Source: IAM User Guide, "IAM JSON policy reference".
 * @param where names the policy in errors
 * @throws Error naming the element that the laptop cloud does not judge by: Condition, NotAction, NotResource …
 */
export function readStatements(document: unknown, where: string): Statement[] {
  const parsed = PolicyDocument.safeParse(document);
  if (!parsed.success) {
    throw new Error(
      `${where} says what the laptop cloud cannot judge by (teach it to tools/laptop-cloud/permissions/statements.ts):\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data.Statement.map(({ Effect, Action, Resource }) => ({
    effect: Effect,
    actions: Action,
    resources: Resource,
  }));
}
