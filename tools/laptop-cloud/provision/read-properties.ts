import * as z from 'zod';
import type { ResolvedResource } from './identify-resources.ts';

/** A property that changes nothing on a laptop: accepted and not read. */
export const unread = z.unknown().optional();

/**
 * Reads the properties of a resource by a strict schema, so that a property the laptop would not honour is
 * refused instead of dropped.
 * @param file the file to extend when a property is new, named in the error
 * @throws Error naming type, resource, property and file
 */
export function readProperties<Schema extends z.ZodType>(
  resource: ResolvedResource,
  schema: Schema,
  file: string,
): z.output<Schema> {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${resource.type} (${resource.stack}/${resource.logicalId}) has properties the laptop cloud does not know (teach them to tools/laptop-cloud/${file}):\n${z.prettifyError(parsed.error)}`,
  );
}
