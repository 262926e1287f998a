import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeDataDir } from './data-dir.ts';
import { runCommand } from './run-command.ts';

describe('npm run demo', () => {
  it('shows tasks that succeed, one that its retries save, one cancelled, and a dead letter that is redriven', async () => {
    const folder = await makeDataDir();
    const { code, stdout, stderr } = await runCommand('tools/cli/demo.ts', '--data', folder.path).ended;
    await folder.remove();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

    const rows = stripVTControlCharacters(stdout)
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .map((line) =>
        line
          .split('│')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const ends = rows.map(([, state, attempts]) => `${state} ${attempts}`);
    expect(ends.length).toBeGreaterThanOrEqual(7);
    expect(ends).toContain('SUCCESS 3 of 4');
    expect(ends).toContain('FAILURE 4 of 4');
    expect(ends).toContain('CANCELLED 1 of 1');
    expect(ends.at(-1)).toMatch(/^SUCCESS \d of 4, epoch 2$/);
    const letters = [...stdout.matchAll(/Dead letters waiting for a decision: (\d+)/g)].map(
      ([, count]) => count,
    );
    expect(letters).toEqual(['1', '0']);
  });
});
