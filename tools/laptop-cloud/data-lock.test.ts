import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from './data-lock.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'celeriac-lock-')), 'data');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

/** A process that holds the lock until it is killed. */
async function holder() {
  const child = fork(fileURLToPath(new URL('./fixtures/hold-lock.ts', import.meta.url)), [dir], {
    execArgv: [],
  });
  await once(child, 'message');
  return child;
}

describe('the lock of a data folder', () => {
  it('makes the folder, and leaves nothing in it after release', () => {
    const lock = lockDataFolder(dir);
    expect(readdirSync(dir)).toEqual(['lock.json']);
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
    lock.release();
    lockDataFolder(dir).release();
  });

  it('is refused while held by this process, whatever way the folder is named', () => {
    const lock = lockDataFolder(dir);
    expect(() => lockDataFolder(`${dir}/../data/`)).toThrow(/in use/);
    lock.release();
  });

  it('is refused while another process holds it, in one line that names it and the way out', async () => {
    const child = await holder();
    expect(() => lockDataFolder(dir)).toThrow(
      `${dir} is in use by process ${child.pid}: is npm start running elsewhere? Stop it, or pass --data DIR`,
    );
    expect(existsSync(join(dir, 'lock.json'))).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockDataFolder(dir).release();
  });

  it.runIf(process.platform === 'linux')('is taken over when its pid went to another process', async () => {
    const child = await holder();
    const path = join(dir, 'lock.json');
    const taken = { ...JSON.parse(readFileSync(path, 'utf8')), startedAt: '1' };
    writeFileSync(path, JSON.stringify(taken));
    lockDataFolder(dir).release();
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('is taken over when it was left by an earlier process of the same pid, or is no lock at all', () => {
    for (const content of [JSON.stringify({ pid: process.pid, startedAt: null }), '{"pid":']) {
      lockDataFolder(dir).release();
      writeFileSync(join(dir, 'lock.json'), content);
      const lock = lockDataFolder(dir);
      expect(JSON.parse(readFileSync(join(dir, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid });
      expect(readdirSync(dir)).toEqual(['lock.json']);
      lock.release();
    }
  });
});
