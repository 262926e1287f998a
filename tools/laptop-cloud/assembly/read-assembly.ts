import { join } from 'node:path';
import type * as z from 'zod';
import { AssetManifest, Manifest, readJson, Template } from './cdk-out-files.ts';
import { evaluateConditions } from './evaluate-conditions.ts';

/** One resource of a template whose condition, if any, holds. */
export interface Resource {
  /** The CloudFormation stack name. */
  stack: string;
  logicalId: string;
  type: string;
  /** As in the template: intrinsic functions unresolved. */
  properties: Record<string, unknown>;
}

/** A file asset of a stack: a folder or file under `cdk.out`, found by the object key the template names. */
export interface FileAsset {
  objectKey: string;
  /** Absolute path of the folder (packaging `zip`) or file. */
  path: string;
  packaging: string;
}

/** What one template says beside its resources. */
export interface Stack {
  name: string;
  parameters: Record<string, { type: string; default?: unknown }>;
  mappings: Record<string, unknown>;
  /** Names of the conditions with the value each has on a laptop. */
  conditions: Record<string, boolean>;
  outputs: Record<string, { value: unknown; exportName?: unknown }>;
  assets: FileAsset[];
}

/** All that `cdk synth` wrote, in memory. */
export interface Assembly {
  outDir: string;
  stacks: Stack[];
  resources: Resource[];
}

/**
 * Reads the cloud assembly that `cdk synth` wrote: manifest, templates and asset manifests.
 * @param outDir folder with `manifest.json`
 * @throws Error when the folder holds no assembly, holds one of nested stages, or a file has another shape
 */
export function readAssembly(outDir: string): Assembly {
  const manifest = readJson(join(outDir, 'manifest.json'), Manifest);
  const stacks: Stack[] = [];
  const resources: Resource[] = [];

  for (const [id, artifact] of Object.entries(manifest.artifacts)) {
    if (artifact.type === 'cdk:cloud-assembly') {
      throw new Error(`${outDir}: ${id} is a nested stage; the laptop cloud reads the app's own stacks only`);
    }
    const templateFile = artifact.properties?.templateFile;
    if (artifact.type !== 'aws:cloudformation:stack' || templateFile === undefined) continue;

    const template = readJson(join(outDir, templateFile), Template);
    const assets = artifact.dependencies.flatMap((dependency) => {
      const file = manifest.artifacts[dependency]?.properties?.file;
      return file === undefined ? [] : readAssets(outDir, file);
    });
    const stack = toStack(artifact.properties?.stackName ?? id, template, assets);
    stacks.push(stack);
    for (const [logicalId, resource] of Object.entries(template.Resources)) {
      if (!holds(stack.conditions, resource.Condition)) continue;
      resources.push({ stack: stack.name, logicalId, type: resource.Type, properties: resource.Properties });
    }
  }
  return { outDir, stacks, resources };
}

function toStack(name: string, template: z.output<typeof Template>, assets: FileAsset[]): Stack {
  const parameters = Object.fromEntries(
    Object.entries(template.Parameters).map(([key, { Type, Default }]) => [
      key,
      { type: Type, default: Default },
    ]),
  );
  const mappings = template.Mappings;
  const conditions = evaluateConditions({ name, parameters, mappings }, template.Conditions);
  const outputs = Object.fromEntries(
    Object.entries(template.Outputs)
      .filter(([, output]) => holds(conditions, output.Condition))
      .map(([key, { Value, Export }]) => [
        key,
        { value: Value, ...(Export !== undefined && { exportName: Export.Name }) },
      ]),
  );
  return { name, parameters, mappings, conditions, outputs, assets };
}

function holds(conditions: Record<string, boolean>, condition: string | undefined): boolean {
  return condition === undefined || conditions[condition] === true;
}

function readAssets(outDir: string, file: string): FileAsset[] {
  return Object.values(readJson(join(outDir, file), AssetManifest).files).flatMap((asset) => {
    const { path, packaging } = asset.source;
    if (path === undefined) return [];
    return Object.values(asset.destinations).map(({ objectKey }) => ({
      objectKey,
      path: join(outDir, path),
      packaging,
    }));
  });
}
