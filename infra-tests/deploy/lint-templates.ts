import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { declareStacks } from '#cdk/stacks/declare-stacks.ts';
import { appOf } from '../template/synthesise.ts';

/** A stage, and the context that it is declared with. */
export type Variant = readonly [stage: string, context: Readonly<Record<string, string>>];

/** Something that cfn-lint does not like, and where. */
export interface LintFinding {
  /** As in `E3012`: E for errors, W for warnings, I for hints. */
  readonly rule: string;
  readonly message: string;
  readonly file: string;
}

/**
 * Warnings about what CDK writes everywhere and what does no harm: a DependsOn that a reference implies already, and an output
 * that passes on another stack's.
 */
const harmless = ['W3005', 'W6001'];

const findings = z.array(
  z.object({ Rule: z.object({ Id: z.string() }), Message: z.string(), Filename: z.string() }),
);

/** Writes a variant's templates to a folder, without bundling functions, and tells their paths. */
export function writeTemplates(folder: string, [stage, context]: Variant): string[] {
  const app = appOf(folder, stage, context);
  declareStacks(app);
  app.synth();
  return globSync('*.template.json', { cwd: folder }).map((file) => join(folder, file));
}

/**
 * Runs cfn-lint over templates.
 * @param cfnLint where its program is
 * @throws Error with its words when it does not run
 */
export async function lintTemplates(cfnLint: string, files: readonly string[]): Promise<LintFinding[]> {
  const words = ['--format', 'json', '--ignore-checks', ...harmless, '--', ...files];
  const said = await new Promise<string>((resolve, reject) => {
    // It ends with a bit for each kind of finding, 2 for errors, 4 for warnings, 8 for hints; 1 and 32 are its own failures.
    execFile(cfnLint, words, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      if ((code & ~(2 | 4 | 8)) === 0) resolve(stdout);
      else reject(new Error(`${cfnLint} does not run: ${stderr.trim() || String(error)}`));
    });
  });
  return findings
    .parse(JSON.parse(said.trim() || '[]'))
    .map(({ Rule, Message, Filename }) => ({ rule: Rule.Id, message: Message, file: Filename }));
}
