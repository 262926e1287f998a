import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { synthesise } from '#tools/laptop-cloud/synthesise.ts';

declare module 'vitest' {
  /** What tests get by `inject(name)`. */
  interface ProvidedContext {
    /** A folder with the project's synthesis, as a laptop cloud leaves it in its data folder. */
    synthesisDir: string;
  }
}

/** Vitest's global set-up: synthesises once for the whole run, because every laptop cloud would do it again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const synthesisDir = await mkdtemp(join(tmpdir(), 'celeriac-synthesis-'));
  await synthesise({ projectDir, outDir: join(synthesisDir, 'cdk.out') });
  project.provide('synthesisDir', synthesisDir);
  return () => rm(synthesisDir, { recursive: true });
}
