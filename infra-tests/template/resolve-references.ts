import * as z from 'zod';

const references = z.union([
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  z.strictObject({ 'Fn::ImportValue': z.string() }),
  z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
]);

/** What a template's references may mean. */
export interface ReferenceScope {
  /** Exported values of all stacks by name. */
  readonly exported: ReadonlyMap<string, unknown>;
  /** How a logical id is called in the result. */
  nameOf(logicalId: string): string;
}

/**
 * A template value in which every reference has become text: `Name` for a Ref, `Name.Attribute` for a GetAtt, and what
 * is behind an import. So a test can say what it means without logical ids.
 */
export function resolveReferences(value: unknown, scope: ReferenceScope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  const reference = references.safeParse(value).data;
  if (reference === undefined) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolveReferences(item, scope)]),
    );
  }
  if ('Ref' in reference) return scope.nameOf(reference.Ref);
  if ('Fn::GetAtt' in reference) {
    const [id, attribute] = reference['Fn::GetAtt'];
    return `${scope.nameOf(id)}.${attribute}`;
  }
  if ('Fn::ImportValue' in reference) {
    const name = reference['Fn::ImportValue'];
    if (!scope.exported.has(name)) throw new Error(`no stack exports ${name}`);
    return resolveReferences(scope.exported.get(name), scope);
  }
  const [separator, parts] = reference['Fn::Join'];
  return parts.map((part) => resolveReferences(part, scope)).join(separator);
}
