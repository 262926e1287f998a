import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { hashInputs } from './hash-inputs.ts';

const CdkJson = z.looseObject({ context: z.record(z.string(), z.unknown()).default({}) });

/**
 * Synthesises a project's CDK app into `outDir`, by running `cdk/app.ts` on this Node without the CDK CLI;
 * skipped when nothing it is made of has changed since the last time.
 * @param options.context flags on top of those in `cdk.json`
 * @returns the folder, and whether it was there already
 * @throws Error with the app's own words when it fails
 */
export async function synthesise(options: {
  projectDir: string;
  outDir: string;
  context?: Record<string, string>;
}): Promise<{ outDir: string; cached: boolean }> {
  const projectDir = resolve(options.projectDir);
  const outDir = resolve(options.outDir);
  const stamp = `${outDir}.inputs`;
  const context = { ...readContext(projectDir), ...options.context };
  const inputs = hashInputs(projectDir, context);

  const isAssembly = existsSync(join(outDir, 'manifest.json'));
  if (isAssembly && existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs)
    return { outDir, cached: true };

  rmSync(stamp, { force: true });
  // Old assets would pile up; but only what is known to be an assembly is removed.
  if (isAssembly) rmSync(outDir, { recursive: true });
  mkdirSync(dirname(outDir), { recursive: true });
  await runApp(projectDir, outDir, context);
  if (!existsSync(join(outDir, 'manifest.json'))) {
    throw new Error(
      `${join(projectDir, 'cdk/app.ts')} wrote no assembly to ${outDir}: does it call app.synth()?`,
    );
  }
  writeFileSync(stamp, inputs);
  return { outDir, cached: false };
}

function readContext(projectDir: string): Record<string, unknown> {
  const path = join(projectDir, 'cdk.json');
  const parsed = CdkJson.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data.context;
}

async function runApp(projectDir: string, outDir: string, context: Record<string, unknown>): Promise<void> {
  const child = spawn(process.execPath, [join('cdk', 'app.ts')], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
  const [said, complained, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (code !== 0) {
    throw new Error(
      `The synthesis of ${join(projectDir, 'cdk/app.ts')} failed (${signal ?? `exit status ${code}`}):\n${complained.trim() || said.trim()}`,
    );
  }
}
