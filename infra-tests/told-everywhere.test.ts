import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { emulatorGaps } from './deploy/emulator-gaps.ts';
import { laptopOnly } from './e2e/laptop-only.ts';

const read = (path: string) => readFileSync(join(projectDir, path), 'utf8');
const stories = globSync('*.test.ts', { cwd: join(projectDir, 'infra-tests/e2e') }).sort();

describe('every file of end-to-end stories', () => {
  it.each(stories)('is told on the deployed stage, or named with the reason why not: %s', (file) => {
    const onBoth = read(`infra-tests/e2e/${file}`).includes('openTarget()');
    expect(onBoth).toBe(!(file in laptopOnly));
  });

  it('that is named is there', () => {
    expect(Object.keys(laptopOnly).filter((file) => !stories.includes(file))).toEqual([]);
  });
});

describe('docs/deploy-test.md', () => {
  it('tells every gap of the emulator and what is done about it', () => {
    const document = read('docs/deploy-test.md');
    for (const [name, { gap, remedy }] of Object.entries(emulatorGaps)) {
      expect(document).toContain(`| ${name} | ${gap} | ${remedy} |`);
    }
  });

  it('tells every file of stories that is left out, and why', () => {
    const document = read('docs/deploy-test.md');
    for (const [file, reason] of Object.entries(laptopOnly)) {
      expect(document).toContain(`| ${file.replace('.test.ts', '')} | ${reason} |`);
    }
  });
});
