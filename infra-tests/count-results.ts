import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** Vitest's JSON report, as far as it is counted. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** How a suite ended: the exit code of its command, and its report unless it died before writing one. */
export interface SuiteRun {
  readonly exitCode: number;
  readonly report: z.infer<typeof Report> | null;
}

/** What the suites together amount to. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  /** The full names of tests that did not run. */
  readonly skipped: readonly string[];
}

/**
 * Adds up the suites. A file that failed without a failed test (it could not be loaded, or a hook threw) counts as
 * one failure, and so does a suite whose command failed although all its tests passed: types, lint, a crash.
 */
export function countResults(suites: readonly SuiteRun[]): Count {
  const counts = suites.map(countSuite);
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    skipped: counts.flatMap(({ skipped }) => skipped),
  };
}

function countSuite({ exitCode, report }: SuiteRun): Count {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failed === 0 && (exitCode !== 0 || report === null) ? 1 : failed,
    skipped: tests
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map((test) => test.fullName),
  };
}

/** Reads the suites of a directory: each has a file `NAME.exit` with its exit code, and its report in `NAME.json`. */
export function readSuites(directory: string): SuiteRun[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.exit'))
    .map((file) => {
      const report = join(directory, file.replace(/\.exit$/, '.json'));
      return {
        exitCode: Number(readFileSync(join(directory, file), 'utf8')),
        report: existsSync(report) ? Report.parse(JSON.parse(readFileSync(report, 'utf8'))) : null,
      };
    });
}

if (import.meta.main) {
  const { passed, failed, skipped } = countResults(readSuites(process.argv[2] ?? '.'));
  for (const name of skipped) console.log(`skipped: ${name}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
