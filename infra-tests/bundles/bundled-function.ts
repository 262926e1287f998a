import { join } from 'node:path';
import { build } from 'esbuild';
import * as z from 'zod';
import { esbuildOptions } from '#cdk/constructs/bundling.ts';
import { named, synthesise } from '../template/synthesise.ts';

/** The functions whose bundles are measured: their names in the template and their entries. */
export const functions = [
  { name: 'HttpApiFunction', entry: 'functions/api/main.ts' },
  { name: 'DefaultWorkerFunction', entry: 'functions/workers/default.ts' },
  { name: 'GeoProcessingWorkerFunction', entry: 'functions/workers/geo-processing.ts' },
  { name: 'BeatFunction', entry: 'functions/beat/main.ts' },
  { name: 'ReconcilerFunction', entry: 'functions/reconciler/main.ts' },
] as const;

/** Bundles an entry as it is deployed, to `<name>.js` in `folder`; tells the file and its size in bytes. */
export async function bundle(
  { name, entry }: { readonly name: string; readonly entry: string },
  folder: string,
): Promise<{ file: string; bytes: number }> {
  const file = join(folder, `${name}.js`);
  const { metafile } = await build({ ...esbuildOptions(entry, file), metafile: true });
  const [output] = Object.values(metafile.outputs);
  if (!output) throw new Error(`esbuild wrote nothing for ${entry}`);
  return { file, bytes: output.bytes };
}

/**
 * A function's environment as the template gives it, resources standing for themselves, and as Lambda adds to it. A
 * function that needs a variable that the template does not give fails to load with it.
 */
export function environmentsOfTemplate(): (name: string) => Record<string, string> {
  const stage = synthesise();
  return (name) => {
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.string()) })
      .parse(named(stage, 'AWS::Lambda::Function', name).properties['Environment']);
    const queueUrls = Object.entries(Variables)
      .filter(([variable]) => /^(QUEUE|DEAD_LETTER)_.*_URL$/.test(variable))
      .map(([variable, queue]) => [variable, `https://sqs.eu-central-1.amazonaws.com/000000000000/${queue}`]);
    return {
      ...Variables,
      ...Object.fromEntries(queueUrls),
      AWS_REGION: 'eu-central-1',
      AWS_LAMBDA_FUNCTION_NAME: name,
    };
  };
}
