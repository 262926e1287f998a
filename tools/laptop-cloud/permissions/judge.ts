import { matchesArn, matchesPattern } from './matches-pattern.ts';
import type { Statement } from './statements.ts';

/** One permission that a call takes: an action on a resource, both without wildcards. */
export interface NeededPermission {
  /** `service:Action` */
  readonly action: string;
  /** An ARN, or `*` where AWS knows the action on nothing smaller. */
  readonly resource: string;
}

/** What policies say to an action: a Deny that fits outranks every Allow, and without an Allow there is none. */
export type Verdict = 'allowed' | 'explicitly denied' | 'not allowed';

/**
 * Judges one action on one resource by a role's statements.
 * Source: IAM User Guide, "Policy evaluation logic", identity-based policies in one account.
 */
export function judge(statements: readonly Statement[], needed: NeededPermission): Verdict {
  const fitting = statements.filter((statement) => fits(statement, needed));
  if (fitting.some(({ effect }) => effect === 'Deny')) return 'explicitly denied';
  return fitting.length > 0 ? 'allowed' : 'not allowed';
}

/** Actions are told apart without regard to case, ARNs with it. */
function fits({ actions, resources }: Statement, needed: NeededPermission): boolean {
  const action = needed.action.toLowerCase();
  return (
    actions.some((pattern) => matchesPattern(pattern.toLowerCase(), action)) &&
    resources.some((pattern) => matchesArn(pattern, needed.resource))
  );
}
