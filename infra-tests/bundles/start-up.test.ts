import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, environmentsOfTemplate, functions } from './bundled-function.ts';
import { measureStartUp } from './measure-start-up.ts';

/** Milliseconds over bare Node that a cold start may add, on a quiet machine. */
const limit = 100;
/** The fastest that the reference was seen to load; what it takes here tells how slow or busy this machine is. */
const quietReference = 46;

const reference = { name: 'Reference', entry: 'infra-tests/bundles/start-up-reference.ts' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'celeriac-start-up-'));
});
afterAll(() => rm(folder, { recursive: true }));

// A busy machine can still spoil one measurement, hence the retries.
it('adds at most 100 ms to a cold start, with what the template and Lambda give it', {
  retry: 2,
  timeout: 120_000,
}, async () => {
  const environmentOf = environmentsOfTemplate();
  const modules = [];
  for (const { name, entry } of [reference, ...functions]) {
    const { file } = await bundle({ name, entry }, folder);
    const environment = name === reference.name ? { AWS_REGION: 'eu-central-1' } : environmentOf(name);
    modules.push({ name, file, environment });
  }

  const startUp = await measureStartUp(modules, 9);
  const timeOf = (name: string) => startUp.get(name) ?? Number.NaN;
  const slowness = timeOf(reference.name) / quietReference;
  const quiet = functions.map(({ name }) => ({ name, ms: Math.round(timeOf(name) / slowness) }));

  console.info(`start-up of ${quiet.map(({ name, ms }) => `${name} ${ms} ms`).join(', ')}`);
  for (const { ms } of quiet) expect(ms).toBeLessThanOrEqual(limit);
});
