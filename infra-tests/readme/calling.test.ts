import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { type LaptopTarget, startLaptopTarget } from '../e2e/laptop-target.ts';
import { runPython, runShell } from '../e2e/shell.ts';
import { codeBlocks } from './markdown.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

const blocks = codeBlocks(readFileSync(join(projectDir, 'docs/calling.md'), 'utf8'));

function program(language: string): string {
  const found = blocks.filter((block) => block.language === language);
  expect(found).toHaveLength(1);
  return found[0]?.text ?? '';
}

const environment = () => ({ CELERIAC_URL: laptop.target.url, CELERIAC_TOKEN: laptop.target.token });

describe('the programs of docs/calling.md', () => {
  it('submit and poll with curl, as printed', async () => {
    const printed = await runShell(program('sh'), environment());
    expect(JSON.parse(printed)).toMatchObject({ state: 'SUCCESS', result: { message: 'hello from curl' } });
  });

  it('submit and poll with Python, as printed', async () => {
    const printed = await runPython(program('python'), environment());
    expect(printed).toContain("'status': 'success'");
    expect(printed).toContain("'formatted_address': 'Tokyo, Tokyo Prefecture, Japan'");
  });
});
