import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, functions } from './bundled-function.ts';

/** Each 100 KB are 5 to 10 ms of start-up: a dependency that takes a bundle past this should be worth it. */
const limit = 900_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'celeriac-bundles-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each(functions)('$name is below 900 KB', async ({ name, entry }) => {
  const { bytes } = await bundle({ name, entry }, folder);
  console.info(`${name}: ${Math.round(bytes / 1000)} KB`);
  expect(bytes).toBeLessThan(limit);
});
