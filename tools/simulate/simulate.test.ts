import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { everySabotage } from '#shared/simulation/sabotage/every-sabotage.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'simulate.ts');

/** Runs the command; a command that fails resolves too. */
async function simulate(
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [script, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

describe('npm run simulate', () => {
  it('says that no rule was broken, of which seeds', async () => {
    const { code, stdout } = await simulate('--seeds', '3', '--seed', '1');
    expect(stdout).toMatch(/^seeds 1 to 3: no rule was broken \(\d+\.\d s\)\n$/);
    expect(code).toBe(0);
  });

  it('ends with 1, the seed and its story when a rule was broken', async () => {
    const { code, stdout } = await simulate('--seeds', '40', '--sabotage', 'dlq-copy-lost');
    expect(code).toBe(1);
    const [first = '', ...story] = stdout.trimEnd().split('\n');
    const seed = /^seed (\d+) breaks the rule "dead letters": task \S+ its letter for epoch \d is gone$/.exec(
      first,
    )?.[1];
    expect(seed).toBeDefined();
    expect(story.at(-1)).toBe(
      `to see it again: npm run simulate -- --seeds 1 --seed ${seed} --sabotage dlq-copy-lost`,
    );
  });

  it('prints the names of the sabotages, one a line', async () => {
    const { stdout } = await simulate('--sabotage', 'list');
    expect(stdout.trimEnd().split('\n')).toEqual(everySabotage.map(({ name }) => name));
  });

  it.for([
    ['--seeds', '0', 'give a whole number from 1 to 10000000'],
    ['--seeds', 'many', 'give a whole number from 1 to 10000000'],
    ['--seed', '-1', 'give a whole number from 0 to 4294967295'],
    ['--sabotage', 'gremlins', 'it is none of those that "--sabotage list" prints'],
  ] as const)('refuses %s %s', async ([option, value, reason]) => {
    const { code, stderr } = await simulate(option, value);
    expect(stderr).toContain(`option '${option} <`);
    expect(stderr).toContain(reason);
    expect(code).toBe(1);
  });
});
