import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** `manifest.json`: which files of `cdk.out` describe which stack. */
export const Manifest = z.looseObject({
  artifacts: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      properties: z
        .looseObject({ templateFile: z.string(), file: z.string(), stackName: z.string() })
        .partial()
        .optional(),
      dependencies: z.array(z.string()).default([]),
    }),
  ),
});

/** A CloudFormation template, as far as the laptop reads it. */
export const Template = z.looseObject({
  Parameters: z
    .record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.unknown()).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      Condition: z.string().optional(),
    }),
  ),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({
        Value: z.unknown(),
        Export: z.looseObject({ Name: z.unknown() }).optional(),
        Condition: z.string().optional(),
      }),
    )
    .default({}),
});

/** An asset manifest: where each asset lies in `cdk.out` and under which key a template names it. */
export const AssetManifest = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional(), packaging: z.string().default('file') }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads a JSON file of a schema.
 * @throws Error naming the file when it is absent, no JSON, or of another shape
 */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`${path} cannot be read as JSON: synthesise anew`, { cause });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new Error(`${path} is not as cdk writes it:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
