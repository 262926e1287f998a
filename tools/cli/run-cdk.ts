import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectDir } from './run-laptop.ts';

/**
 * Runs the project's own CDK with the words given, in front of the user.
 * @throws Error when it does not end well; it has said why itself
 */
export async function runCdk(words: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const cli = join(projectDir, 'node_modules/aws-cdk/bin/cdk');
  const child = spawn(process.execPath, [cli, ...words], { cwd: projectDir, env, stdio: 'inherit' });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`cdk ${words[0]} ended with ${signal ?? `exit code ${code}`}`);
}
