/** Where a value stands in a template, for error messages: `Stack/LogicalId Properties.Path.0`. */
export type Where = string;

/** What the names in a template mean at one place: a resource's stack, or a condition's. */
export interface Scope {
  ref(name: string, where: Where): unknown;
  getAtt(logicalId: string, attribute: string, where: Where): unknown;
  importValue(exportName: string, where: Where): unknown;
  condition(name: string, where: Where): boolean;
  findInMap(map: string, first: string, second: string, where: Where): unknown;
}

/** A reference that has no value yet, or never will: its message names stack, resource and path. */
export class UnresolvedReference extends Error {
  override readonly name = 'UnresolvedReference';
}

/** What `AWS::NoValue` resolves to: the property or list item holding it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves CloudFormation's intrinsic functions in a template value.
 * Source: AWS CloudFormation User Guide, "Intrinsic function reference".
 * @throws UnresolvedReference for a reference without a value
 * @throws Error for a function this file does not know, or one with arguments of another shape
 */
export function resolveIntrinsics(value: unknown, scope: Scope, where: Where): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, index) => resolveIntrinsics(item, scope, `${where}.${index}`))
      .filter((item) => item !== NO_VALUE);
  }
  if (typeof value === 'string' && value.includes('{{resolve:')) {
    throw new Error(`${where}: dynamic references are not known to the laptop cloud: ${value}`);
  }
  if (typeof value !== 'object' || value === null) return value;

  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1) {
    const [name, argument] = only;
    if (name === 'Ref') return scope.ref(text(argument, `${where}.Ref`), where);
    if (name.startsWith('Fn::')) {
      const apply = FUNCTIONS[name];
      if (apply === undefined) {
        throw new Error(
          `${where}: ${name} is not known: add it to tools/laptop-cloud/assembly/intrinsics.ts`,
        );
      }
      return apply(argument, scope, `${where}.${name}`);
    }
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, resolveIntrinsics(item, scope, `${where}.${key}`)] as const)
      .filter(([, item]) => item !== NO_VALUE),
  );
}

const FUNCTIONS: Record<string, (argument: unknown, scope: Scope, where: Where) => unknown> = {
  'Fn::GetAtt': (argument, scope, where) => {
    const [logicalId, ...attribute] =
      typeof argument === 'string'
        ? argument.split('.')
        : list(resolveIntrinsics(argument, scope, where), where);
    return scope.getAtt(text(logicalId, where), attribute.map((part) => text(part, where)).join('.'), where);
  },
  'Fn::ImportValue': (argument, scope, where) =>
    scope.importValue(text(resolveIntrinsics(argument, scope, where), where), where),
  'Fn::Join': (argument, scope, where) => {
    const [separator, parts] = list(resolveIntrinsics(argument, scope, where), where);
    return list(parts, where)
      .map((part) => text(part, where))
      .join(text(separator, where));
  },
  'Fn::Split': (argument, scope, where) => {
    const [separator, source] = list(resolveIntrinsics(argument, scope, where), where);
    return text(source, where).split(text(separator, where));
  },
  'Fn::Select': (argument, scope, where) => {
    const [index, items] = list(resolveIntrinsics(argument, scope, where), where);
    const found = list(items, where)[Number(index)];
    if (found === undefined) throw new Error(`${where}: there is no item ${String(index)} to select`);
    return found;
  },
  'Fn::Sub': (argument, scope, where) => {
    const [template, own] = typeof argument === 'string' ? [argument, {}] : list(argument, where);
    const variables = new Map(Object.entries(resolveIntrinsics(own, scope, where) ?? {}));
    return text(template, where).replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      if (variables.has(name)) return text(variables.get(name), where);
      const [logicalId = '', ...attribute] = name.split('.');
      const found =
        attribute.length === 0 ? scope.ref(name, where) : scope.getAtt(logicalId, attribute.join('.'), where);
      return text(found, where);
    });
  },
  'Fn::If': (argument, scope, where) => {
    const [condition, whenTrue, whenFalse] = list(argument, where);
    return resolveIntrinsics(
      scope.condition(text(condition, where), where) ? whenTrue : whenFalse,
      scope,
      where,
    );
  },
  'Fn::FindInMap': (argument, scope, where) => {
    const [map, first, second] = list(resolveIntrinsics(argument, scope, where), where);
    return scope.findInMap(text(map, where), text(first, where), text(second, where), where);
  },
};

function list(value: unknown, where: Where): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: expected a list, found ${JSON.stringify(value)}`);
  return value;
}

/** CloudFormation writes numbers and booleans into strings as they are in JSON. */
function text(value: unknown, where: Where): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where}: expected a string, found ${JSON.stringify(value)}`);
}
