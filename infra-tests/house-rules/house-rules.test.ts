import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { plantedControls, plantedFaults } from './planted-faults.ts';
import { importingCode, importsOf, plantedImports } from './planted-imports.ts';
import { type Finding, lintPlanted } from './run-linters.ts';

const root = join(import.meta.dirname, '../..');
let findings: Finding[];

beforeAll(async () => {
  const importers = plantedImports.map((planted) => ({ file: planted.file, code: importingCode(planted) }));
  findings = await lintPlanted([...plantedFaults, ...plantedControls, ...importers]);
});

const rulesBroken = (file: string) => findings.filter((found) => found.file === file).map(({ rule }) => rule);

describe('imports run one way', () => {
  it.each(plantedImports)('$file', (planted) => {
    const refused = findings
      .filter(({ file, rule }) => file === planted.file && rule === 'style/noRestrictedImports')
      .map(({ line }) => importsOf(planted)[line - 1]);
    expect(refused.toSorted()).toEqual(planted.mayNot.toSorted());
  });
});

describe('a planted fault is reported', () => {
  it.each(plantedFaults)('$rule: $file', ({ file, rule, also }) => {
    expect(rulesBroken(file).toSorted()).toEqual(also ? [rule, also] : [rule]);
  });
});

describe('what is allowed is not reported', () => {
  it.each(plantedControls)('$file', ({ file }) => {
    expect(rulesBroken(file)).toEqual([]);
  });
});

it('every rule that the configuration names has a planted fault', () => {
  const proved = new Set(plantedFaults.flatMap(({ rule, also }) => [rule, also]));
  expect(configuredRules().filter((rule) => !proved.has(rule))).toEqual([]);
});

/** What the linters miss, found in the text; `\x2e` is a full stop, so that the examples do not find themselves. */
const textRules = [
  {
    says: 'no test is focused, skipped or left to do',
    files: '{shared,functions,cdk,tools,infra-tests}/**/*.test.ts',
    pattern: /\b(?:it|test|describe|suite)\b[\w.]*(?:\([^()]*\))?\.(?:only|skip|todo|fails)\b|\bctx\.skip\(/,
    examples: [
      'it\x2eonly(',
      'describe\x2eskip.each(',
      'it.each(rows)\x2eskip(',
      'test\x2etodo(',
      'ctx\x2eskip()',
    ],
  },
  {
    says: 'only shared/env.ts reads the environment, unpacked too',
    files: '{shared,functions,cdk}/**/!(*.test|env).ts',
    pattern: /\{[^{}]*\benv\b[^{}]*\}\s*=\s*(?:globalThis\.)?process\s*;/,
    examples: ['const { env } = process;', 'let { argv, env: settings } = globalThis.process;'],
  },
];

describe('what the linters miss is found in the text', () => {
  it.each(textRules)('$says', ({ files, pattern, examples }) => {
    expect(examples.filter((example) => !pattern.test(example))).toEqual([]);
    const searched = globSync(files, { cwd: root });
    expect(searched.length).toBeGreaterThan(20);
    expect(searched.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

/** Every rule that is switched on in biome.json or .oxlintrc.json: `group/rule`, or the message of a rule of our own. */
function configuredRules(): string[] {
  const biome = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  const oxlint = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8'));
  const scopes = [biome, ...biome.overrides];
  const named = scopes.flatMap((scope) =>
    Object.entries<object>(scope.linter?.rules ?? {}).flatMap(([group, members]) =>
      Object.entries(members)
        .filter(([, level]) => typeof level === 'object' || level === 'error')
        .map(([rule]) => `${group}/${rule}`),
    ),
  );
  const messages = scopes
    .flatMap((scope): string[] => scope.plugins ?? [])
    .map((plugin) => /message\s*=\s*"([^"]*)"/.exec(readFileSync(join(root, plugin), 'utf8'))?.[1] ?? plugin);
  return [...new Set([...named, ...messages, ...Object.keys(oxlint.rules)])];
}
