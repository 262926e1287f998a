import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';

/** A hold on a data folder. */
export interface DataLock {
  release(): void;
}

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string().nullable() });
type Holder = z.output<typeof Holder>;

const held = new Set<string>();

/**
 * Takes a data folder for this process: two clouds on one folder would both write its tables. The lock of a
 * process that is gone is taken over.
 * @param dir created if absent
 * @throws Error naming the process that holds it
 */
export function lockDataFolder(dir: string): DataLock {
  mkdirSync(dir, { recursive: true });
  const path = join(resolve(dir), 'lock.json');

  for (;;) {
    if (create(path)) break;
    const text = read(path);
    const holder = parse(text);
    if (holder !== undefined && isAlive(holder, path)) {
      throw new Error(
        `${dir} is in use by process ${holder.pid}: is npm start running elsewhere? Stop it, or pass --data DIR`,
      );
    }
    discard(path, text);
  }

  held.add(path);
  return {
    release: () => {
      if (held.delete(path)) rmSync(path, { force: true });
    },
  };
}

/** By a link to a finished file, so that nobody ever reads a lock half written. */
function create(path: string): boolean {
  const draft = `${path}.${process.pid}.new`;
  const holder: Holder = { pid: process.pid, startedAt: startOf(process.pid) };
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * Removes a stale lock. Two processes may find the same one, and the slower must not remove the lock that the
 * quicker has made meanwhile: so it is moved aside, looked at, and put back if it is another.
 */
function discard(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== stale) linkSync(aside, path);
  rmSync(aside);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch (error) {
    // Not of our making, or cut off by a failing disk: nobody's.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Pids are used again, so a process counts as the holder only if it also started when the holder did. */
function isAlive({ pid, startedAt }: Holder, path: string): boolean {
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    if (codeOf(error) !== 'EPERM') return false;
  }
  return startOf(pid) === startedAt;
}

/** When a process started, in the kernel's ticks since boot (proc(5), field 22 of stat); null off Linux. */
function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}
