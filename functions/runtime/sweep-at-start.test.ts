import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LogLine, recordingLog } from './fixtures/recording-log.ts';
import { sweepAtStart } from './sweep-at-start.ts';

let root: string;
let lines: LogLine[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'celeriac-test-'));
  vi.stubEnv('TMPDIR', root);
  lines = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

describe('the sweep at a worker’s start', () => {
  it('removes what an earlier process left, and says so', async () => {
    mkdirSync(join(root, `celeriac-work-${process.pid}-0-raster-old`));
    await sweepAtStart(recordingLog(lines));
    expect(readdirSync(root)).toEqual([]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { folders: 1 } }]);
  });

  it('has nothing to say of a clean disk', async () => {
    await sweepAtStart(recordingLog(lines));
    expect(lines).toEqual([]);
  });

  it('lets the worker start when it fails, and says why', async () => {
    vi.stubEnv('TMPDIR', join(root, 'not there'));
    await sweepAtStart(recordingLog(lines));
    expect(lines).toMatchObject([{ level: 'error', fields: { error: { code: 'ENOENT' } } }]);
  });
});
