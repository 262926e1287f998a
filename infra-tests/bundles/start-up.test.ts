import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, environmentsOfTemplate, functions } from './bundled-function.ts';
import { measureStartUp, type StartUp } from './measure-start-up.ts';

/** Milliseconds over bare Node that a cold start may add, on a quiet machine. */
const limit = 100;
/** Milliseconds that the reference adds there; what it adds here tells how slow or busy this machine is. */
const quietReference = 60;

const reference = { name: 'Reference', entry: 'infra-tests/bundles/start-up-reference.ts' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'celeriac-start-up-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a module would add to a cold start on a quiet machine. */
function whenQuiet(startUp: StartUp, name: string): number {
  const timeOf = (wanted: string) => startUp.get(wanted) ?? Number.NaN;
  return (quietReference * timeOf(name)) / timeOf(reference.name);
}

it('adds at most 100 ms to a cold start, and loads with what the template and Lambda give it', async () => {
  const environmentOf = environmentsOfTemplate();
  const modules = [];
  for (const { name, entry } of [reference, ...functions]) {
    const { file } = await bundle({ name, entry }, folder);
    const environment = name === reference.name ? { AWS_REGION: 'eu-central-1' } : environmentOf(name);
    modules.push({ name, file, environment });
  }

  const startUp = await measureStartUp(modules, {
    atLeast: 9,
    atMost: 30,
    enough: (measured) => functions.every(({ name }) => whenQuiet(measured, name) <= limit),
  });

  const quiet = functions.map(({ name }) => [name, Math.round(whenQuiet(startUp, name))] as const);
  console.info(`start-up in ms: ${quiet.map(([name, ms]) => `${name} ${ms}`).join(', ')}`);
  for (const [, ms] of quiet) expect(ms).toBeLessThanOrEqual(limit);
}, 120_000);
