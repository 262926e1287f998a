import { resolveIntrinsics, type Scope, UnresolvedReference, type Where } from './intrinsics.ts';
import { mappingValue, type ParameterScope, parameterValue } from './template-parameters.ts';

/**
 * Evaluates a template's `Conditions`, which may name parameters, mappings and each other, but no resource.
 * Source: AWS CloudFormation User Guide, "Condition functions".
 * @returns each condition's name with its value
 * @throws Error for a condition that is no condition function or refers to what has no value
 */
export function evaluateConditions(
  stack: ParameterScope,
  conditions: Record<string, unknown>,
): Record<string, boolean> {
  const refuse = (what: string, where: Where): never => {
    throw new UnresolvedReference(`${where}: a condition cannot refer to ${what}`);
  };
  const scope: Scope = {
    ref: (name, where) => parameterValue(stack, name, {}, where) ?? refuse(name, where),
    getAtt: (logicalId, _attribute, where) => refuse(logicalId, where),
    importValue: (exportName, where) => refuse(`the export ${exportName}`, where),
    condition: (name, where) => named(name, where),
    findInMap: (map, first, second, where) => mappingValue(stack, [map, first, second], where),
  };

  const named = (name: string, where: Where): boolean => {
    if (!(name in conditions)) throw new UnresolvedReference(`${where}: there is no condition ${name}`);
    return evaluate(conditions[name], `${stack.name} Conditions.${name}`);
  };

  const evaluate = (condition: unknown, where: Where): boolean => {
    const [name, argument] = Object.entries(condition ?? {})[0] ?? [];
    const parts = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Condition':
        return named(String(argument), where);
      case 'Fn::Not':
        return !evaluate(parts[0], where);
      case 'Fn::And':
        return parts.every((part) => evaluate(part, where));
      case 'Fn::Or':
        return parts.some((part) => evaluate(part, where));
      case 'Fn::Equals': {
        const [left, right] = parts.map((part) => resolveIntrinsics(part, scope, where));
        return String(left) === String(right);
      }
      default:
        throw new Error(`${where}: ${name ?? 'an empty condition'} is no condition function this file knows`);
    }
  };

  return Object.fromEntries(
    Object.keys(conditions).map((name) => [name, named(name, `${stack.name} Conditions`)]),
  );
}
