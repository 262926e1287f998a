import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { runProgram } from '../deploy/run-program.ts';
import { ofType, synthesise } from './synthesise.ts';

describe('the context', () => {
  it('means dev when it names no stage', () => {
    expect(synthesise().text).toBe(synthesise('dev').text);
  });

  it.each([
    ['stage', 'prd', 'stage "prd" is unknown: give -c stage= one of dev, staging, prod'],
    ['emulator', 'aws', 'emulator "aws" is unknown: give -c emulator= one of none, ministack, localstack'],
    [
      'githubProvider',
      'old',
      'githubProvider "old" is unknown: give -c githubProvider= one of new, existing',
    ],
    [
      'permissionsBoundary',
      'arn:aws:iam::1:policy/limits',
      'permissionsBoundary "arn:aws:iam::1:policy/limits" does not fit: give -c permissionsBoundary= ' +
        'the name of a policy of the account, without its ARN',
    ],
    ['permissionsBoundary', '', 'give -c permissionsBoundary= the name of a policy'],
    [
      'githubRepository',
      'https://github.com/owner/name',
      'githubRepository "https://github.com/owner/name" does not fit: give -c githubRepository= ' +
        'owner/name, or owner@id/name@id: docs/deploy-from-github.md says which',
    ],
    ['mapboxBaseUrl', 'http://127.0.0.1:1', 'give -c mapboxBaseUrl= an https: URL'],
  ])('refuses %s=%s, saying what to give', (name, value, message) => {
    expect(() => synthesise(undefined, { [name]: value })).toThrow(message);
  });

  it('refuses a name that nobody reads, which would deploy something else than was meant', () => {
    expect(() => synthesise(undefined, { stge: 'prod' })).toThrow(
      '-c stge= is unknown: the names that count are stage, executionMode, emulator,',
    );
  });

  it('of cdk.json keeps the CLI from telling what it is used for', async () => {
    const cli = join(projectDir, 'node_modules/aws-cdk/bin/cdk');
    const { CDK_DISABLE_CLI_TELEMETRY: _, ...developer } = process.env;
    // Where it runs in CI, it speaks on standard output.
    const env = { ...developer, CI: 'true' };
    const status = await runProgram(process.execPath, [cli, 'cli-telemetry', '--status'], {
      cwd: projectDir,
      env,
    });
    expect(status).toMatch(/^CLI Telemetry is disabled/);
  });

  it('leaves CDK its own names', () => {
    const flags = { '@aws-cdk/core:newStyleStackSynthesis': 'true', 'cli-telemetry': 'false' };
    expect(ofType(synthesise(undefined, flags), 'AWS::Lambda::Function').length).toBeGreaterThan(0);
  });
});
