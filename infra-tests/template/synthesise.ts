import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { declareStacks } from '#cdk/stacks/declare-stacks.ts';
import { resolveReferences } from './resolve-references.ts';

const templateShape = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
      UpdateReplacePolicy: z.string().optional(),
      DependsOn: z.array(z.string()).default([]),
    }),
  ),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({ Value: z.unknown(), Export: z.object({ Name: z.string() }).optional() }),
    )
    .default({}),
});

/** A resource of either stack; references in its properties are resolved to the names of what they refer to. */
export interface SynthesisedResource {
  /** The logical id without its hash, as in `DefaultQueueDeadLetters`. */
  readonly name: string;
  readonly type: string;
  readonly properties: Record<string, unknown>;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  /** The resources of its stack that are created and updated before it, though nothing refers to them. */
  readonly dependsOn: readonly string[];
}

/** Everything that one stage would deploy. */
export interface SynthesisedStage {
  readonly resources: readonly SynthesisedResource[];
  /** Outputs that are not exported, by name. */
  readonly outputs: Record<string, unknown>;
  readonly terminationProtection: readonly boolean[];
  /** What CloudFormation puts on every resource of a stack that can have tags. */
  readonly tags: readonly Readonly<Record<string, string>>[];
  /** The templates as they are deployed. */
  readonly text: string;
}

/** A folder for an app's output that goes with its scope; CDK's own would stay behind. */
export function temporaryOutput(): Disposable & { readonly outdir: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'celeriac-template-'));
  return { outdir, [Symbol.dispose]: () => rmSync(outdir, { recursive: true, force: true }) };
}

/** The app of a stage, with the flags of cdk.json, those given on top, and without bundling. */
export function appOf(
  outdir: string,
  stage: string | undefined,
  flags: Readonly<Record<string, string>>,
): App {
  const { context } = z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')));
  return new App({
    outdir,
    context: { ...context, 'aws:cdk:bundling-stacks': [], ...(stage && { stage }), ...flags },
    // Takes two seconds, and `cdk synth` does it: there every finding is an error.
    builtinCloudFormationValidation: false,
  });
}

/** Synthesises a stage in this process. */
export function synthesise(stage?: string, flags: Readonly<Record<string, string>> = {}): SynthesisedStage {
  using output = temporaryOutput();
  const app = appOf(output.outdir, stage, flags);
  const stacks = Object.values(declareStacks(app));
  const templates = stacks.map((stack) => templateShape.parse(Template.fromStack(stack).toJSON()));

  const exported = new Map(
    templates
      .flatMap(({ Outputs }) => Object.values(Outputs))
      .flatMap(({ Export, Value }) => (Export ? [[Export.Name, Value] as const] : [])),
  );
  return {
    resources: templates.flatMap(({ Resources }) =>
      Object.entries(Resources).map(([id, resource]) => ({
        name: withoutHash(id),
        type: resource.Type,
        properties: z
          .record(z.string(), z.unknown())
          .parse(resolveReferences(resource.Properties, { exported, nameOf: withoutHash })),
        deletionPolicy: resource.DeletionPolicy,
        updateReplacePolicy: resource.UpdateReplacePolicy,
        dependsOn: resource.DependsOn.map(withoutHash),
      })),
    ),
    outputs: Object.fromEntries(
      templates
        .flatMap(({ Outputs }) => Object.entries(Outputs))
        .filter(([, { Export }]) => !Export)
        .map(([name, { Value }]) => [name, resolveReferences(Value, { exported, nameOf: withoutHash })]),
    ),
    terminationProtection: stacks.map((stack) => stack.terminationProtection),
    tags: stacks.map((stack) => stack.tags.tagValues()),
    text: JSON.stringify(templates),
  };
}

/** The resources of one type; never none, so that a check over all of them cannot pass for want of any. */
export function ofType(stage: SynthesisedStage, type: string): readonly SynthesisedResource[] {
  const found = stage.resources.filter((resource) => resource.type === type);
  if (found.length === 0) throw new Error(`the template has no ${type}`);
  return found;
}

/** The one resource of a type with this name. */
export function named(stage: SynthesisedStage, type: string, name: string): SynthesisedResource {
  const found = ofType(stage, type).find((resource) => resource.name === name);
  if (!found) throw new Error(`the template has no ${type} named ${name}`);
  return found;
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
