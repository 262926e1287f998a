import { LAPTOP_ACCOUNT } from '../assembly/laptop-account.ts';
import { LAPTOP_ACCESS_KEY } from '../provision/aws-clients.ts';
import type { FunctionRole } from './function-roles.ts';
import { type InvokeGrant, mayInvoke } from './invoke-grants.ts';
import { judge, type NeededPermission, type Verdict } from './judge.ts';

/** Why a call is refused. */
export type Refusal =
  | { readonly kind: 'unknown key' }
  /** `caller` is the ARN of the role's session. */
  | {
      readonly kind: 'denied';
      readonly caller: string;
      readonly needed: NeededPermission;
      readonly verdict: Exclude<Verdict, 'allowed'>;
    };

/** What functions may do, and who may invoke them: as in the templates, until it is changed. */
export interface Permissions {
  readonly roles: readonly FunctionRole[];
  readonly invokeGrants: readonly InvokeGrant[];
  /** Replaces them, as a deployment would, from the next call on. */
  change(next: { roles?: readonly FunctionRole[]; invokeGrants?: readonly InvokeGrant[] }): void;
  /** Whether a key is the laptop cloud's own, with which everything may be done. */
  isLaptop(accessKey: string): boolean;
  /**
   * Judges a call by the role of the function that its access key names; null allows it. The laptop's own key may do
   * everything, a key of nobody nothing. A denial is logged.
   */
  refuse(accessKey: string, needed: readonly NeededPermission[]): Refusal | null;
  /** Hears of each permission that a function's call takes, allowed or not, until the function it returns is called. */
  listen(hear: (functionName: string, needed: NeededPermission) => void): () => void;
  /** Whether a service may invoke a function on behalf of what `sourceArn` names; a denial is logged. */
  letInvoke(call: { functionName: string; principal: string; sourceArn: string }): boolean;
}

/** Creates permissions that allow functions nothing yet. */
export function createPermissions(log: (line: string) => void): Permissions {
  let roles: readonly FunctionRole[] = [];
  let invokeGrants: readonly InvokeGrant[] = [];
  const listeners = new Set<(functionName: string, needed: NeededPermission) => void>();
  const isLaptop = (accessKey: string) => accessKey === LAPTOP_ACCESS_KEY;
  return {
    get roles() {
      return roles;
    },
    get invokeGrants() {
      return invokeGrants;
    },
    change: (next) => {
      roles = next.roles ?? roles;
      invokeGrants = next.invokeGrants ?? invokeGrants;
    },
    isLaptop,
    refuse: (accessKey, needed) => {
      if (isLaptop(accessKey)) return null;
      const role = roles.find(({ functionName }) => functionName === accessKey);
      if (role === undefined) {
        log(`permissions: a call was refused: no function has the access key "${accessKey}"`);
        return { kind: 'unknown key' };
      }
      for (const permission of needed) {
        for (const hear of listeners) hear(accessKey, permission);
        const verdict = judge(role.statements, permission);
        if (verdict === 'allowed') continue;
        log(
          `permissions: ${accessKey} may not ${permission.action} on ${permission.resource}: its role ${role.roleName} ${verdict === 'not allowed' ? 'does not allow it' : 'denies it'}`,
        );
        const caller = `arn:aws:sts::${LAPTOP_ACCOUNT}:assumed-role/${role.roleName}/${accessKey}`;
        return { kind: 'denied', caller, needed: permission, verdict };
      }
      return null;
    },
    listen: (hear) => {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    letInvoke: (call) => {
      if (mayInvoke(invokeGrants, call)) return true;
      log(
        `permissions: ${call.principal} may not invoke ${call.functionName} for ${call.sourceArn}: no AWS::Lambda::Permission lets it`,
      );
      return false;
    },
  };
}
