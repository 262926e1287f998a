import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { runProgram } from '../deploy/run-program.ts';

const read = (name: string) => readFileSync(join(projectDir, name), 'utf8');
const { scripts } = z
  .object({ scripts: z.looseObject({ synth: z.string(), deploy: z.string() }) })
  .parse(JSON.parse(read('package.json')));

const files = ['README.md', ...globSync(['docs/**/*.md', '.github/workflows/*.yml'], { cwd: projectDir })];

/** The options that documents and workflows give to each command of CDK's, by command. */
const given = new Map<string, Set<string>>();
for (const text of files.map((name) => read(name).replaceAll('\\\n', ' '))) {
  for (const [, cdk, script, rest] of text.matchAll(
    /\b(?:npx cdk ([\w-]+)|npm run (synth|deploy) --)([^\n`|]*)/g,
  )) {
    const words = `${cdk ?? scripts[script === 'synth' ? 'synth' : 'deploy'].replace(/^cdk /, '')}${rest}`;
    const command = words.replace(/ .*/, '');
    const options = given.get(command) ?? new Set();
    for (const option of words.match(/(?<= )--[\w-]+/g) ?? []) options.add(option);
    given.set(command, options);
  }
}

// CDK itself only warns, and does something else than was meant.
it.concurrent.each([...given].filter(([, options]) => options.size > 0))(
  'cdk %s has the options that are given to it',
  async (command, options) => {
    const cli = join(projectDir, 'node_modules/aws-cdk/bin/cdk');
    const help = await runProgram(process.execPath, [cli, command, '--help'], { cwd: projectDir });
    const known: readonly string[] = help.match(/(?<![\w-])--[\w-]+/g) ?? [];
    expect(known).toContain('--context');
    expect([...options].filter((option) => !known.includes(option))).toEqual([]);
  },
);

it('the commands that matter are among them', () => {
  expect([...given.keys()]).toEqual(expect.arrayContaining(['bootstrap', 'deploy', 'diff', 'synth']));
});
