import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CodeBlock } from './markdown.ts';

/**
 * Does to a project what a block of example code says: `ts` is a file, `diff` a change of one. The first line names the
 * file, in a comment. Returns its path; throws for a block that names none, and for a change that does not fit.
 */
export function applyExample(projectDir: string, { language, text }: CodeBlock): string {
  const [, path, body] = /^\/\/ (\S+)\n(.*)$/s.exec(text) ?? [];
  if (path === undefined || body === undefined) throw new Error(`the example names no file:\n${text}`);
  const file = join(projectDir, path);
  mkdirSync(dirname(file), { recursive: true });
  const next = language === 'diff' ? changed(readFileSync(file, 'utf8'), body, path) : body;
  writeFileSync(file, next);
  return path;
}

/** Lines to be added that replace nothing are imports: they go to the top. */
function changed(content: string, diff: string, path: string): string {
  const changes = [...diff.matchAll(/((?:^-.*\n)*)((?:^\+.*\n)+)/gm)];
  return changes.reduce((text, [, removed = '', added = '']) => {
    if (removed === '') return withoutMarks(added) + text;
    const old = withoutMarks(removed);
    const parts = `\n${text}`.split(`\n${old}`);
    if (parts.length !== 2) {
      throw new Error(
        `${path} has the lines to be replaced ${parts.length - 1} times instead of once:\n${old}`,
      );
    }
    return parts.join(`\n${withoutMarks(added)}`).slice(1);
  }, content);
}

function withoutMarks(lines: string): string {
  return lines.replace(/^[-+]/gm, '');
}
