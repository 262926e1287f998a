import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a program is run with. */
export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** @default this process's own */
  readonly cwd?: string;
  /** Written to its standard input. @default nothing */
  readonly input?: string;
}

/**
 * Runs a program to its end; resolves with what it wrote to standard output.
 * @throws Error with the program's own words when it cannot be started or fails
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  { env = process.env, cwd = process.cwd(), input = '' }: ProgramOptions = {},
): Promise<string> {
  const child = spawn(program, words, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const command = [program, ...words].join(' ');
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const failed = once(child, 'error').then(([cause]: unknown[]) => {
    throw new Error(`${command} cannot be started: is ${program} installed?`, { cause });
  });
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, [code, signal]] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), closed]),
    failed,
  ]);
  if (code !== 0) {
    const said = [stderr.trim(), stdout.trim()].filter((words) => words !== '').join('\n');
    throw new Error(`${command} failed (${signal ?? `exit status ${code}`}):\n${said}`);
  }
  return stdout;
}
