import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { runProgram } from './run-program.ts';

const requirements = ['requirements.txt', 'cfn-lint-requirements.txt'].map((file) =>
  join(import.meta.dirname, file),
);

/**
 * Makes the virtual environment that MiniStack and cfn-lint run in, in `.celeriac/`, unless one for the same requirements and the
 * same Python is there; resolves with its `python`.
 * @throws Error that names what to install when Python or its venv module is missing
 */
export async function prepareVenv(): Promise<string> {
  const version = await runProgram('python3', ['--version']);
  const hash = createHash('sha256').update(version);
  for (const file of requirements) hash.update(readFileSync(file));
  const key = hash.digest('hex');
  const folder = join(projectDir, '.celeriac', `ministack-${key.slice(0, 12)}`);
  const python = join(folder, 'bin/python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(projectDir, '.celeriac'), { recursive: true });
  try {
    await runProgram('python3', ['-m', 'venv', folder]);
  } catch (cause) {
    throw new Error('Python makes no virtual environment: install python3-venv (Debian), then try again', {
      cause,
    });
  }
  await runProgram(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    ...requirements.flatMap((file) => ['-r', file]),
  ]);
  writeFileSync(complete, '');
  return python;
}
