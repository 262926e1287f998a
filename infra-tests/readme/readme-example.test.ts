import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { submitTask, taskUntil } from '../e2e/api-calls.ts';
import { startBareCloud } from '../e2e/bare-cloud.ts';
import { applyExample } from './apply-example.ts';
import { codeBlocks } from './markdown.ts';

const parts = ['cdk', 'functions', 'infra-tests', 'shared', 'tools'];
const files = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'vitest.config.ts'];

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'celeriac-readme-'));
  for (const part of [...parts, ...files])
    await cp(join(projectDir, part), join(copy, part), { recursive: true });
  await symlink(join(projectDir, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true }));

/** What the compiler says about the copy; nothing when it compiles. */
async function compile(): Promise<string> {
  const tsc = spawn(join(projectDir, 'node_modules/.bin/tsc'), { cwd: copy });
  const [said] = await Promise.all([text(tsc.stdout), once(tsc, 'close')]);
  return said;
}

async function runNewTask(): Promise<unknown> {
  const { cloud, api } = await startBareCloud({ projectDir: copy, dataDir: join(copy, '.celeriac') });
  try {
    const input = { text: 'to be or not\nto be' };
    const taskId = await submitTask(api, { task: 'count_words', input });
    const { result } = await taskUntil(api, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    return result;
  } finally {
    await cloud.stop();
  }
}

describe('the task that the README adds', () => {
  it('compiles, and runs on the laptop cloud', async () => {
    const readme = await readFile(join(projectDir, 'README.md'), 'utf8');
    const [, section = ''] = /^## Adding a task\n(.*?)(?=^## )/ms.exec(readme) ?? [];
    const applied = codeBlocks(section).map((block) => applyExample(copy, block));
    expect(applied).toEqual([
      'functions/words/specs.ts',
      'functions/words/count-words.ts',
      'functions/registry.ts',
      'functions/workers/default.ts',
    ]);

    const [typeErrors, result] = await Promise.allSettled([compile(), runNewTask()]);
    // What the compiler says tells more than a task that does not run.
    expect(typeErrors).toEqual({ status: 'fulfilled', value: '' });
    expect(result).toEqual({ status: 'fulfilled', value: { words: 6 } });
    // The compiler, the bundler and the laptop cloud side by side: long on a busy machine.
  }, 150_000);
});
