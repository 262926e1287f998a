import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs lines of sh as a reader pastes them; resolves with what they print, rejects when one fails. */
export function runShell(lines: string, environment: Record<string, string> = {}): Promise<string> {
  return run('/bin/sh', ['-e', '-c', lines], environment);
}

/** Runs a Python program as a reader saves it; resolves with what it prints, rejects when it fails. */
export function runPython(program: string, environment: Record<string, string> = {}): Promise<string> {
  return run('python3', ['-c', program], environment);
}

async function run(command: string, args: string[], environment: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...environment } });
  return stdout;
}
