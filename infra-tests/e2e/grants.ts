import type { FunctionRole } from '#tools/laptop-cloud/permissions/function-roles.ts';
import { judge, type NeededPermission } from '#tools/laptop-cloud/permissions/judge.ts';

/** One action on one resource that a function's role allows. */
export type Grant = NeededPermission & { readonly fn: string };

/** Every action on every resource that a role allows. */
export function grantsOf({ functionName, statements }: FunctionRole): Grant[] {
  return statements.flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => ({ fn: functionName, action, resource }))),
  );
}

/** The same roles but for the grants that are to go, in however many statements they are. */
export function rolesWithout(
  roles: readonly FunctionRole[],
  goes: (grant: Grant) => boolean,
): readonly FunctionRole[] {
  return roles.map((role) => {
    const all = grantsOf(role);
    const left = all.filter((grant) => !goes(grant));
    if (left.length === all.length) return role;
    const statements = left.map(
      ({ action, resource }) => ({ effect: 'Allow', actions: [action], resources: [resource] }) as const,
    );
    return { ...role, statements };
  });
}

/** Whether a call takes a grant. */
export function takes(call: Grant, { fn, action, resource }: Grant): boolean {
  const alone = { effect: 'Allow', actions: [action], resources: [resource] } as const;
  return call.fn === fn && judge([alone], call) === 'allowed';
}

/** A grant in readable words: physical names without stack and hash. */
export function inWords({ fn, action, resource }: Grant): string {
  const short = (name: string) =>
    name.replaceAll(/celeriac-dev-(?:pipeline|stateful)-|[0-9a-f]{8}(?=$|\/|:)/gi, '');
  return `${short(fn)}: ${action} ${short(resource.replace(/^arn:aws:\w+:[^:]*:\d*:/, ''))}`;
}
