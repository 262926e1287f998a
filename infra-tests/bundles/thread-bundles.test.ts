import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundlesBeside, esbuildOptions, projectRoot } from '#cdk/constructs/bundling.ts';
import { runInThread } from '#functions/runtime/run-in-thread.ts';
import { countPrimes } from '#functions/toolbox/specs.ts';

const thread = 'functions/toolbox/count-primes-thread.ts';

let folder: string;
beforeAll(async () => {
  // A path with what a shell would take for its own.
  folder = join(await mkdtemp(join(tmpdir(), 'celeriac-threads-')), "it's $HOME");
  const commands = bundlesBeside([thread]).afterBundling(projectRoot, folder);
  for (const command of commands) await promisify(execFile)('sh', ['-c', command]);
});
afterAll(() => rm(join(folder, '..'), { recursive: true }));

it('lies in the asset, small, beside the bundle of its function', async () => {
  expect(await readdir(folder)).toEqual(['count-primes-thread.js']);
  const { size } = await stat(join(folder, 'count-primes-thread.js'));
  console.info(`count-primes-thread: ${Math.round(size / 1000)} KB`);
  expect(size).toBeLessThan(150_000);
});

it('runs as it is deployed', async () => {
  const result = await runInThread({
    file: join(folder, 'count-primes-thread.js'),
    spec: countPrimes,
    input: { limit: 1000, rounds: 1 },
    signal: new AbortController().signal,
  });
  expect(result).toEqual({ limit: 1000, primes: 168 });
});

it('is no part of its function’s own bundle', async () => {
  const options = esbuildOptions('functions/workers/default.ts', join(folder, 'index.js'));
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain('functions/toolbox/count-primes.ts');
  expect(inputs).not.toContain('functions/toolbox/prime-sieve.ts');
});
