import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { projectDir } from '#tools/cli/run-laptop.ts';
import {
  type EmulatedAccount,
  emulatedAccountId,
  emulatedEnvironment,
  emulatedRegion,
} from './emulated-account.ts';
import { runProgram } from './run-program.ts';

/** What `-c name=value` says to the app. */
export type Context = Readonly<Record<string, string>>;

/** Prepares the emulated account for CDK, as `npx cdk bootstrap` does any. */
export async function bootstrap(account: EmulatedAccount): Promise<void> {
  await runCdk(account, ['bootstrap', `aws://${emulatedAccountId}/${emulatedRegion}`]);
}

const outputs = z.record(z.string(), z.record(z.string(), z.string()));

/** Deploys every stack of a stage, as `npm run deploy` does; resolves with the outputs of all of them by name. */
export async function deploy(account: EmulatedAccount, context: Context): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-deploy-'));
  try {
    const file = join(folder, 'outputs.json');
    const words = ['deploy', '--all', '--require-approval', 'never', '--outputs-file', file];
    await runCdk(account, [...words, '--output', join(folder, 'cdk.out'), ...contextWords(context)]);
    const stacks = outputs.parse(JSON.parse(readFileSync(file, 'utf8')));
    return Object.assign({}, ...Object.values(stacks));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Takes a stage away, stacks and all that is in its buckets, by `npm run destroy`. */
export async function destroy(account: EmulatedAccount, stage: string): Promise<void> {
  const command = join(projectDir, 'tools/cli/destroy.ts');
  await runProgram(process.execPath, [command, '--stage', stage, '--yes'], {
    cwd: projectDir,
    env: cdkEnvironment(account),
  });
}

function contextWords(context: Context): string[] {
  return Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function runCdk(account: EmulatedAccount, words: readonly string[]): Promise<string> {
  const cli = join(projectDir, 'node_modules/aws-cdk/bin/cdk');
  return runProgram(process.execPath, [cli, ...words, '--no-color'], {
    cwd: projectDir,
    env: cdkEnvironment(account),
  });
}

function cdkEnvironment(account: EmulatedAccount): NodeJS.ProcessEnv {
  return { ...emulatedEnvironment(account), CDK_DISABLE_CLI_TELEMETRY: 'true' };
}
