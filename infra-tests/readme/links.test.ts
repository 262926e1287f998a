import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { headingAnchors, relativeLinks } from './markdown.ts';

const files = ['README.md', ...globSync('docs/**/*.md', { cwd: projectDir })].map((name) =>
  join(projectDir, name),
);

/** What is wrong with a link; null when it leads somewhere. */
function faultOf(file: string, link: string): string | null {
  const [path = '', anchor] = decodeURIComponent(link).split('#');
  const to = path === '' ? file : join(dirname(file), path);
  if (relative(projectDir, to).startsWith('..')) return `${link}: outside of the project`;
  if (!existsSync(to)) return `${link}: there is no such file`;
  if (anchor === undefined) return null;
  const anchors = statSync(to).isFile() ? headingAnchors(readFileSync(to, 'utf8')) : [];
  return anchors.includes(anchor) ? null : `${link}: there is no such heading`;
}

describe('the links of the documents', () => {
  it.each(files.map((file) => relative(projectDir, file)))('lead somewhere: %s', (name) => {
    const file = join(projectDir, name);
    const faults = relativeLinks(readFileSync(file, 'utf8')).map((link) => faultOf(file, link));
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
  });
});
