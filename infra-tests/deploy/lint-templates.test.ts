import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { temporaryOutput } from '../template/synthesise.ts';
import { lintTemplates, type Variant, writeTemplates } from './lint-templates.ts';

declare module 'vitest' {
  /** What tests get by `inject(name)`. */
  interface ProvidedContext {
    /** Where the program cfn-lint is. */
    cfnLint: string;
  }
}

const cfnLint = inject('cfnLint');

const variants: readonly Variant[] = [
  ['dev', {}],
  ['staging', { githubRepository: 'owner/name', githubProvider: 'existing' }],
  ['prod', { githubRepository: 'owner/name', permissionsBoundary: 'limits' }],
  ['prod', { executionMode: 'inline' }],
  ['dev', { alarms: 'all', alarmEmail: 'ops@example.com' }],
  ['dev', { emulator: 'ministack' }],
  ['dev', { emulator: 'localstack' }],
];

describe('cfn-lint', () => {
  it('has nothing to say about the templates of every stage and variant', async () => {
    using output = temporaryOutput();
    const files = variants.flatMap((variant, index) => {
      const folder = join(output.outdir, String(index));
      mkdirSync(folder);
      return writeTemplates(folder, variant);
    });
    expect(files.length).toBeGreaterThanOrEqual(2 * variants.length);
    expect(await lintTemplates(cfnLint, files)).toEqual([]);
  });

  it('finds what is wrong', async () => {
    using output = temporaryOutput();
    const file = join(output.outdir, 'wrong.template.json');
    const Queue = { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 50_000, Colour: 'red' } };
    writeFileSync(file, JSON.stringify({ Resources: { Queue } }));
    const found = await lintTemplates(cfnLint, [file]);
    expect(found.map(({ rule }) => rule).sort()).toEqual(['E3002', 'E3034']);
  });

  it('says so when it cannot run', async () => {
    await expect(lintTemplates('/nowhere/cfn-lint', [])).rejects.toThrow('/nowhere/cfn-lint does not run');
  });
});
