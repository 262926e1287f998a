import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SoftTimeLimitExceeded } from '#shared/pipeline/time-limits.ts';
import { sweepTemporaryFolders, withTemporaryFolder } from './temporary-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'celeriac-test-'));
  vi.stubEnv('TMPDIR', root);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

const never = new AbortController().signal;
const left = () => readdirSync(root);
const gone = (folder: string) => vi.waitFor(() => expect(existsSync(folder)).toBe(false), { interval: 2 });

/** Leaves a file in a folder of its folder. */
function write(folder: string): void {
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'deep/file.tmp'), 'x');
}

describe('a temporary folder', () => {
  it('is there for the work, with the work’s purpose in its name, and gone after it', async () => {
    const seen = await withTemporaryFolder('convert', never, async (folder) => {
      write(folder);
      expect(left()).toEqual([basename(folder)]);
      return folder;
    });
    expect(basename(seen)).toContain('-convert-');
    expect(left()).toEqual([]);
  });

  it('is gone after work that failed', async () => {
    const work = withTemporaryFolder('convert', never, async (folder) => {
      write(folder);
      throw new Error('no raster');
    });
    await expect(work).rejects.toThrow('no raster');
    expect(left()).toEqual([]);
  });

  it('is not made for work that was cancelled before', async () => {
    const work = withTemporaryFolder('convert', AbortSignal.abort(new Error('cancelled')), async () => 1);
    await expect(work).rejects.toThrow('cancelled');
    expect(left()).toEqual([]);
  });

  it('is gone once its attempt is cut off, though the work goes on and on', async () => {
    const abort = new AbortController();
    const end = Promise.withResolvers<void>();
    const started = Promise.withResolvers<string>();
    const work = withTemporaryFolder('convert', abort.signal, async (folder) => {
      write(folder);
      started.resolve(folder);
      await end.promise;
      // Work that knows nothing of its end may begin anew.
      mkdirSync(folder);
      write(folder);
    });
    const folder = await started.promise;
    abort.abort(new Error('the attempt is over'));
    await gone(folder);
    end.resolve();
    await work;
    expect(left()).toEqual([]);
  });

  it('stays after the soft time limit for work that finishes in order', async () => {
    const soft = new AbortController();
    await withTemporaryFolder('convert', soft.signal, async (folder) => {
      write(folder);
      soft.abort(new SoftTimeLimitExceeded('the soft time limit has passed'));
      // By when the folder of work that was cancelled after that is gone, this one would be.
      const cancelled = new AbortController();
      await withTemporaryFolder('convert', cancelled.signal, async (other) => {
        write(other);
        cancelled.abort(new Error('cancelled'));
        await gone(other);
      });
      expect(existsSync(join(folder, 'deep/file.tmp'))).toBe(true);
    });
    expect(left()).toEqual([]);
  });
});

/** Runs code in a process of its own that ends while its work still has a folder; tells what the process left. */
async function leftBy(end: string): Promise<string[]> {
  const code = `import { withTemporaryFolder } from ${JSON.stringify(import.meta.resolve('./temporary-folder.ts'))};
    await withTemporaryFolder('convert', new AbortController().signal, async () => ${end});`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    env: { TMPDIR: root },
  });
  await run.catch(() => undefined);
  return left();
}

describe('the end of a process', () => {
  it('by its own exit removes the folders of work that never ended', async () => {
    expect(await leftBy('process.exit()')).toEqual([]);
  });

  it('by force leaves them to the next one', async () => {
    expect(await leftBy("process.kill(process.pid, 'SIGKILL')")).toHaveLength(1);
    expect(await sweepTemporaryFolders()).toBe(1);
    expect(left()).toEqual([]);
  });
});

describe('a sweep', () => {
  const mine = `celeriac-work-${process.pid}-0-convert-`;

  it('removes what an earlier process with the same number left', async () => {
    mkdirSync(join(root, `${mine}old`));
    expect(await sweepTemporaryFolders()).toBe(1);
    expect(left()).toEqual([]);
  });

  it('leaves the folders of other threads, living processes and anybody else', async () => {
    const others = [
      `celeriac-work-${process.pid}-7-convert-x`,
      `celeriac-work-${process.ppid}-0-convert-x`,
      'celeriac-work-of-somebody',
      'other',
    ];
    for (const name of others) mkdirSync(join(root, name));
    expect(await sweepTemporaryFolders()).toBe(0);
    expect(left()).toEqual(others.toSorted());
  });

  it('leaves a folder in use', async () => {
    await withTemporaryFolder('convert', never, async (folder) => {
      expect(await sweepTemporaryFolders()).toBe(0);
      expect(left()).toEqual([basename(folder)]);
    });
  });
});
