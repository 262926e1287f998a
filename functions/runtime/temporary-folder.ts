import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { SoftTimeLimitExceeded } from '#shared/pipeline/time-limits.ts';

const open = new Set<string>();

/** Patient with a terminated thread that still writes its last file. */
const removal = { recursive: true, force: true, maxRetries: 5, retryDelay: 20 };

/**
 * Gives work a folder of its own and removes it: when the work ends, however it ends; at once when the signal aborts,
 * even if the work never ends; and when the process exits. Only the soft time limit leaves the folder to the work, which
 * may still finish in order. What a killed process leaves behind is for {@link sweepTemporaryFolders}.
 *
 * @param purpose a word or two for whoever finds the folder, for example `convert-raster`
 * @param signal `ctx.signal`
 */
export async function withTemporaryFolder<Value>(
  purpose: string,
  signal: AbortSignal,
  work: (folder: string) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${threadId}-${purpose}-`));
  if (open.size === 0) process.once('exit', removeOpen);
  open.add(folder);
  const stop = () => {
    // Tried again when the work ends; a failure now must not end the process.
    if (!(signal.reason instanceof SoftTimeLimitExceeded)) rm(folder, removal).catch(() => undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(folder);
  } finally {
    signal.removeEventListener('abort', stop);
    await rm(folder, removal);
    open.delete(folder);
    if (open.size === 0) process.removeListener('exit', removeOpen);
  }
}

const prefix = 'celeriac-work-';

/** Work that lingers until its runtime is ended cannot remove anything itself any more. */
function removeOpen(): void {
  for (const folder of open) rmSync(folder, removal);
}

/**
 * Removes the folders of processes that are no more, and those that an earlier process with this one's number left. For
 * the start of a worker: Lambda keeps `/tmp` when a runtime crashes and is started anew. Returns how many there were.
 */
export async function sweepTemporaryFolders(): Promise<number> {
  const stale = (await readdir(tmpdir())).filter(isStale).map((name) => join(tmpdir(), name));
  await Promise.all(stale.map((folder) => rm(folder, removal)));
  return stale.length;
}

function isStale(name: string): boolean {
  const [, pid, thread] = /^celeriac-work-(\d+)-(\d+)-/.exec(name) ?? [];
  if (pid === undefined || open.has(join(tmpdir(), name))) return false;
  // On a laptop functions are threads of one process: those of other threads are theirs.
  if (Number(pid) === process.pid) return Number(thread) === threadId;
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
