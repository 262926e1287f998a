import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

/** A laptop cloud's data folder, empty but for the synthesis. */
export interface DataDir {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a data folder that needs no synthesis, unless the project has changed since the tests began. */
export async function makeDataDir(): Promise<DataDir> {
  const path = await mkdtemp(join(tmpdir(), 'celeriac-e2e-'));
  await cp(inject('synthesisDir'), path, { recursive: true });
  return { path, remove: () => rm(path, { recursive: true }) };
}
