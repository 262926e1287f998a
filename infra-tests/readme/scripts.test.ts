import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { projectDir } from '#tools/cli/run-laptop.ts';

const read = (name: string) => readFileSync(join(projectDir, name), 'utf8');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

describe('the npm scripts that documents name', () => {
  it.each(['README.md', ...globSync('docs/**/*.md', { cwd: projectDir })])('exist: %s', (name) => {
    const named = [...read(name).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      (match) => match[1] ?? match[2],
    );
    expect(named.filter((script) => script === undefined || !(script in scripts))).toEqual([]);
  });
});
