import { join } from 'node:path';
import * as z from 'zod';
import { type EmulatedAccount, emulatedEnvironment } from './emulated-account.ts';
import { runProgram } from './run-program.ts';

/** A call of AWS's API by botocore's names: `['logs', 'describe_log_groups', {}]`. */
export type AwsCall = readonly [service: string, operation: string, parameters: Record<string, unknown>];

const answers = z.array(z.record(z.string(), z.unknown()));

/**
 * Calls services that the pipeline itself has no client for, through MiniStack's botocore; resolves with the answers in
 * the order of the calls, each read to its last page.
 */
export async function callAws(
  account: EmulatedAccount,
  calls: readonly AwsCall[],
): Promise<Record<string, unknown>[]> {
  const written = await runProgram(account.python, [join(import.meta.dirname, 'call-aws.py')], {
    env: emulatedEnvironment(account),
    input: JSON.stringify(calls),
  });
  return answers.parse(JSON.parse(written));
}
