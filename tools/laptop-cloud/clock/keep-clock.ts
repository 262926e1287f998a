import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createLaptopClock, type LaptopClock } from './laptop-clock.ts';

const Kept = z.strictObject({ offset_ms: z.number().min(0) });

/**
 * A laptop clock that goes on where an earlier run on the same data left it: kept records hold times of the
 * moved clock, and a clock that fell back would leave them in the future.
 * @param dataDir an existing folder; the offset is in `clock.json`
 * @throws Error when `clock.json` is not as this function writes it
 */
export function keepClock(dataDir: string): LaptopClock {
  const path = join(dataDir, 'clock.json');
  const clock = createLaptopClock({ offset: readOffset(path) });
  clock.onAdvance(() => {
    // Replaced as a whole, so that a kill leaves the old file or the new one.
    writeFileSync(
      `${path}.new`,
      JSON.stringify({ offset_ms: clock.offset() } satisfies z.input<typeof Kept>),
    );
    renameSync(`${path}.new`, path);
  });
  return clock;
}

function readOffset(path: string): number {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
  try {
    return Kept.parse(JSON.parse(text)).offset_ms;
  } catch (cause) {
    throw new Error(`${path} holds no clock offset: delete it, or start with --fresh`, { cause });
  }
}
