import { UnresolvedReference } from '../assembly/intrinsics.ts';
import type { Assembly, Resource } from '../assembly/read-assembly.ts';
import { createResolver, type Resolver } from '../assembly/resolve-intrinsics.ts';
import { namingProperty, physicalName } from './physical-names.ts';
import { type Endpoints, type PhysicalValue, physicalValue } from './physical-values.ts';

/** A resource with its physical name and its properties resolved. */
export interface ResolvedResource extends Resource {
  name: string;
}

/** An assembly whose resources have names and values. */
export interface IdentifiedAssembly {
  resolver: Resolver;
  /** All resources of these types, properties resolved now. */
  resources(...types: string[]): ResolvedResource[];
  /** Adds to the values of a resource what only its provisioning tells, such as a table's stream. */
  setAttributes(stack: string, logicalId: string, attributes: Record<string, string>): void;
}

/**
 * Gives every resource of an assembly its physical name and values.
 * @throws UnresolvedReference when a name refers to what has no value, itself included
 */
export function identifyResources(
  assembly: Assembly,
  endpoints: Endpoints,
  options: { ssm?: Readonly<Record<string, string>> } = {},
): IdentifiedAssembly {
  const names = new Map<string, string>();
  const values = new Map<string, PhysicalValue>();
  const resolver = createResolver(
    assembly,
    (stack, logicalId, attribute) => {
      const value = values.get(`${stack}/${logicalId}`);
      return attribute === undefined ? value?.ref : value?.attributes[attribute];
    },
    options,
  );

  const identify = (resource: Resource) => {
    const key = `${resource.stack}/${resource.logicalId}`;
    const property = namingProperty(resource.type);
    const given =
      property === undefined
        ? undefined
        : resolver.value(resource.stack, resource.properties[property], `${key} Properties.${property}`);
    const name = physicalName(resource, given);
    names.set(key, name);
    values.set(key, physicalValue(resource, name, endpoints));
  };

  // A name may be made of another resource's, in any order: go round until all have one or none got further.
  let open: readonly Resource[] = assembly.resources;
  while (open.length > 0) {
    const faults: UnresolvedReference[] = [];
    const left = open.filter((resource) => {
      try {
        identify(resource);
        return false;
      } catch (error) {
        if (!(error instanceof UnresolvedReference)) throw error;
        faults.push(error);
        return true;
      }
    });
    const [fault] = faults;
    if (fault !== undefined && left.length === open.length) throw fault;
    open = left;
  }

  return {
    resolver,
    resources: (...types) =>
      assembly.resources
        .filter(({ type }) => types.includes(type))
        .map((resource) => ({
          ...resource,
          name: names.get(`${resource.stack}/${resource.logicalId}`) ?? '',
          properties: resolver.properties(resource),
        })),
    setAttributes: (stack, logicalId, attributes) => {
      const value = values.get(`${stack}/${logicalId}`);
      if (value === undefined) throw new Error(`There is no resource ${stack}/${logicalId} in the assembly`);
      Object.assign(value.attributes, attributes);
    },
  };
}
