import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countResults, readSuites, type SuiteRun } from './count-results.ts';

const root = join(import.meta.dirname, '..');

/** A suite with one file for each list of test states. */
function suite(exitCode: number, ...files: string[][]): SuiteRun {
  const testResults = files.map((states, index) => ({
    name: `file-${index}.test.ts`,
    status: states.includes('failed') ? 'failed' : 'passed',
    assertionResults: states.map((status, at) => ({ fullName: `${index} ${at}`, status })),
  }));
  return { exitCode, report: { testResults } };
}

describe('countResults', () => {
  it('adds up tests over files and suites', () => {
    const suites = [suite(0, ['passed', 'passed'], ['passed']), suite(1, ['failed', 'passed', 'failed'])];
    expect(countResults(suites)).toEqual({ passed: 4, failed: 2, skipped: [] });
  });

  it('counts a suite that wrote no report as one failure, beside the others', () => {
    const died = { exitCode: 2, report: null };
    expect(countResults([died])).toEqual({ passed: 0, failed: 1, skipped: [] });
    expect(countResults([suite(0, ['passed']), died])).toEqual({ passed: 1, failed: 1, skipped: [] });
  });

  it('counts a missing report as a failure although the command succeeded', () => {
    expect(countResults([{ exitCode: 0, report: null }]).failed).toBe(1);
  });

  it('counts a command that failed although its tests passed as one failure', () => {
    expect(countResults([suite(1, ['passed'])])).toEqual({ passed: 1, failed: 1, skipped: [] });
  });

  it('names the tests that did not run', () => {
    expect(countResults([suite(0, ['passed', 'pending', 'todo'])])).toEqual({
      passed: 1,
      failed: 0,
      skipped: ['0 1', '0 2'],
    });
  });
});

describe('the count of a real run', () => {
  let project: string;

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'celeriac-count-'));
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    mkdirSync(join(project, 'results'));
    const files = {
      'mixed.test.js':
        "it('a', () => {}); it('b', () => { throw new Error('b'); }); it\x2eskip('c', () => {});",
      'unloadable.test.js': "import './absent.js'; it('d', () => {});",
      'hook.test.js': "beforeAll(() => { throw new Error('hook'); }); it('e', () => {});",
    };
    for (const [file, code] of Object.entries(files)) writeFileSync(join(project, file), code);
    const vitest = spawnSync(
      join(root, 'node_modules/.bin/vitest'),
      ['run', '--globals', '--reporter=json', '--outputFile.json=results/test.json'],
      { cwd: project, encoding: 'utf8' },
    );
    writeFileSync(join(project, 'results/test.exit'), `${vitest.status}\n`);
  });

  afterAll(() => rmSync(project, { recursive: true }));

  it('holds every failure once', () => {
    expect(countResults(readSuites(join(project, 'results')))).toMatchObject({ passed: 1, failed: 3 });
  });

  it('is the last line printed, and decides the exit code', () => {
    const counted = spawnSync(
      process.execPath,
      [join(root, 'infra-tests/count-results.ts'), join(project, 'results')],
      {
        encoding: 'utf8',
      },
    );
    expect(counted.stdout.split('\n').slice(-3)).toEqual(['skipped: c', '1 passed, 3 failed', '']);
    expect(counted.status).toBe(1);
  });
});
