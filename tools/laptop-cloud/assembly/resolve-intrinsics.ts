import { resolveIntrinsics, type Scope, UnresolvedReference, type Where } from './intrinsics.ts';
import type { Assembly, Resource, Stack } from './read-assembly.ts';
import { mappingValue, parameterValue } from './template-parameters.ts';

/**
 * The physical value of a resource: its `Ref` without an attribute, its `Fn::GetAtt` with one;
 * undefined while it is not known.
 */
export type PhysicalLookup = (stack: string, logicalId: string, attribute?: string) => unknown;

/** Resolves the template values of one assembly. */
export interface Resolver {
  /** All properties of a resource. */
  properties(resource: Resource): Record<string, unknown>;
  /** One value that stands in a stack's template; `where` is named in errors. */
  value(stack: string, value: unknown, where: Where): unknown;
  /** A stack's outputs that can be resolved, by name. */
  outputs(stack: string): Record<string, unknown>;
}

/**
 * Creates a resolver over an assembly and a table of physical values, read anew at each call.
 * @param options.ssm values of Systems Manager parameters by name
 * @throws (its functions) UnresolvedReference naming stack, resource and path; Error for an unknown function
 */
export function createResolver(
  assembly: Assembly,
  physical: PhysicalLookup,
  options: { ssm?: Readonly<Record<string, string>> } = {},
): Resolver {
  const stacks = new Map(assembly.stacks.map((stack) => [stack.name, stack]));
  const resources = new Map(assembly.resources.map((resource) => [idOf(resource), resource.type]));

  const stackNamed = (name: string, where: Where): Stack => {
    const stack = stacks.get(name);
    if (stack === undefined)
      throw new UnresolvedReference(`${where}: there is no stack ${name} in the assembly`);
    return stack;
  };

  const reference = (
    stack: string,
    logicalId: string,
    attribute: string | undefined,
    where: Where,
  ): unknown => {
    const type = resources.get(idOf({ stack, logicalId }));
    const wanted = attribute === undefined ? `Ref of ${logicalId}` : `${logicalId}.${attribute}`;
    if (type === undefined) {
      throw new UnresolvedReference(`${where}: ${wanted} is neither a resource nor a parameter of ${stack}`);
    }
    const found = physical(stack, logicalId, attribute);
    if (found === undefined) {
      throw new UnresolvedReference(`${where}: ${wanted} (${type}) has no value on the laptop`);
    }
    return found;
  };

  const exported = (exportName: string, where: Where): unknown => {
    for (const stack of stacks.values()) {
      for (const [name, output] of Object.entries(stack.outputs)) {
        if (output.exportName === undefined) continue;
        const path = `${stack.name} Outputs.${name}`;
        if (resolve(stack.name, output.exportName, path) === exportName) {
          return resolve(stack.name, output.value, path);
        }
      }
    }
    throw new UnresolvedReference(`${where}: no stack of the assembly exports ${exportName}`);
  };

  const scopeOf = (stackName: string, where: Where): Scope => {
    const stack = stackNamed(stackName, where);
    return {
      ref: (name, at) =>
        parameterValue(stack, name, options.ssm ?? {}, at) ?? reference(stackName, name, undefined, at),
      getAtt: (logicalId, attribute, at) => reference(stackName, logicalId, attribute, at),
      importValue: exported,
      condition: (name, at) => {
        const holds = stack.conditions[name];
        if (holds === undefined) throw new UnresolvedReference(`${at}: there is no condition ${name}`);
        return holds;
      },
      findInMap: (map, first, second, at) => mappingValue(stack, [map, first, second], at),
    };
  };

  const resolve = (stack: string, value: unknown, where: Where) =>
    resolveIntrinsics(value, scopeOf(stack, where), where);

  return {
    value: resolve,
    properties: (resource) =>
      Object.fromEntries(
        Object.entries(
          resolve(resource.stack, resource.properties, `${idOf(resource)} Properties`) as object,
        ),
      ),
    outputs: (name) =>
      Object.fromEntries(
        Object.entries(stackNamed(name, `${name} Outputs`).outputs).map(([key, output]) => [
          key,
          resolve(name, output.value, `${name} Outputs.${key}`),
        ]),
      ),
  };
}

function idOf(resource: Pick<Resource, 'stack' | 'logicalId'>): string {
  return `${resource.stack}/${resource.logicalId}`;
}
