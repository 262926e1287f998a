import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { type LaptopTarget, startLaptopTarget } from '../e2e/laptop-target.ts';
import { runShell } from '../e2e/shell.ts';
import { codeBlocks } from './markdown.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

const commands = codeBlocks(readFileSync(join(projectDir, 'README.md'), 'utf8'))
  .filter(({ language, text }) => language === 'sh' && text.includes('curl '))
  .map(({ text }) => text);

describe('the curl lines of the README', () => {
  it('are there', () => {
    expect(commands.length).toBeGreaterThanOrEqual(4);
  });

  it.each(commands)('work as printed: %s', async (command) => {
    const { url, token } = laptop.target;
    const answer = await runShell(command, { CELERIAC_URL: url, CELERIAC_TOKEN: token });
    // Every error of the API has `errors`, whatever curl makes of its status.
    expect(JSON.parse(answer)).not.toHaveProperty('errors');
  });
});
