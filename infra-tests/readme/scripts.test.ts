import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contextNames } from '#cdk/stages.ts';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { tokensCommand } from '#tools/cli/tokens-command.ts';

const read = (name: string) => readFileSync(join(projectDir, name), 'utf8');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('package.json')));

const documents = ['README.md', ...globSync('docs/**/*.md', { cwd: projectDir })];

/** What the first group of a pattern matches in all documents: never nothing, so that no check passes for want of any. */
function named(pattern: RegExp): string[] {
  const found = documents.flatMap((name) => [...read(name).matchAll(pattern)].map(([, word = '']) => word));
  expect(found).not.toEqual([]);
  return [...new Set(found)];
}

describe('the npm scripts that documents name', () => {
  it.each(documents)('exist: %s', (name) => {
    const named = [...read(name).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      (match) => match[1] ?? match[2],
    );
    expect(named.filter((script) => script === undefined || !(script in scripts))).toEqual([]);
  });
});

describe('what commands of documents say to', () => {
  it('the CDK app is context that the app reads', () => {
    const unread = named(/ -c "?(\w+)=/g).filter((name) => !contextNames.some((known) => known === name));
    expect(unread).toEqual([]);
  });

  it('the tokens command is an option that it has', () => {
    const create = tokensCommand().commands.find((command) => command.name() === 'create');
    const known = create?.options.map(({ long }) => long);
    const given = named(/celeriac tokens create ([^\n]*)/g).flatMap((line) => line.match(/--\w+/g) ?? []);
    expect(given).toContain('--table');
    expect(given.filter((option) => !known?.includes(option))).toEqual([]);
  });
});
