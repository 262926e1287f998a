import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** All that a synthesis is made of, beside Node and the context. */
const FOLDERS = ['cdk', 'functions', 'shared'];
const FILES = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];

/**
 * A hash over everything that the synthesis of a project reads: sources without tests, the lock file,
 * configuration, context flags and the version of Node.
 */
export function hashInputs(projectDir: string, context: Record<string, unknown>): string {
  const hash = createHash('sha256');
  const sources = FOLDERS.flatMap((folder) => filesUnder(projectDir, folder));
  for (const file of [...sources, ...FILES.filter((name) => existsSync(join(projectDir, name)))]) {
    const content = readFileSync(join(projectDir, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  const flags = Object.entries(context).toSorted(([left], [right]) => left.localeCompare(right));
  return hash.update(`${process.version}\0${JSON.stringify(flags)}`).digest('hex');
}

function filesUnder(projectDir: string, folder: string): string[] {
  if (!existsSync(join(projectDir, folder))) return [];
  return readdirSync(join(projectDir, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(projectDir, '/').length))
    .toSorted();
}
