import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** One thing a linter found. */
export interface Finding {
  readonly file: string;
  /** The rule's name; for the rules written here, the message they give. */
  readonly rule: string;
  readonly line: number;
}

/** A file of the project that the linters are shown: its path and what it says. */
export interface PlantedFile {
  readonly file: string;
  readonly code: string;
}

const root = join(import.meta.dirname, '../..');
const configuration = [
  'biome.json',
  '.oxlintrc.json',
  '.gitignore',
  'package.json',
  'tsconfig.json',
  'infra-tests/house-rules',
];

const BiomeReport = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string(),
      message: z.string(),
      location: z.object({ path: z.string(), start: z.object({ line: z.number() }) }),
    }),
  ),
});

const OxlintReport = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      filename: z.string(),
      labels: z.tuple([z.object({ span: z.object({ line: z.number() }) })], z.unknown()),
    }),
  ),
});

/**
 * Runs both linters, with this repository's own configuration, over a project of the planted files. The project
 * lies in the system's temporary directory, so a run that is killed leaves nothing here.
 */
export async function lintPlanted(planted: readonly PlantedFile[]): Promise<Finding[]> {
  const project = mkdtempSync(join(tmpdir(), 'celeriac-house-rules-'));
  try {
    for (const path of configuration) {
      cpSync(join(root, path), join(project, path), {
        recursive: true,
        filter: (from) => !from.endsWith('.ts'),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    for (const { file, code } of planted) {
      mkdirSync(dirname(join(project, file)), { recursive: true });
      writeFileSync(join(project, file), code);
    }
    const [biome, oxlint] = await Promise.all([runBiome(project), runOxlint(project)]);
    return [...biome, ...oxlint];
  } finally {
    rmSync(project, { recursive: true });
  }
}

async function runBiome(project: string): Promise<Finding[]> {
  const report = await run(project, 'biome', ['lint', '--reporter=json', '--max-diagnostics=none', '.']);
  return BiomeReport.parse(report).diagnostics.map(({ category, message, location }) => ({
    file: location.path,
    rule: category === 'plugin' ? message : category.replace(/^lint\//, ''),
    line: location.start.line,
  }));
}

async function runOxlint(project: string): Promise<Finding[]> {
  const report = await run(project, 'oxlint', ['--type-aware', '--format', 'json', '.']);
  return OxlintReport.parse(report).diagnostics.map(({ code, filename, labels: [label] }) => ({
    file: filename,
    rule: code.replace(/^typescript\((.*)\)$/, 'typescript/$1'),
    line: label.span.line,
  }));
}

/** Exit code 1 only says that something was found; output that is no JSON says that the linter itself failed. */
function run(project: string, linter: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const command = join(root, 'node_modules/.bin', linter);
    execFile(command, args, { cwd: project, maxBuffer: 32 << 20 }, (_, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch (cause) {
        reject(new Error(`${linter} gave no JSON report: ${stdout.slice(0, 500)}${stderr}`, { cause }));
      }
    });
  });
}
