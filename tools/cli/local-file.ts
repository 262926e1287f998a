import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const localFile = z.object({
  url: z.url(),
  token: z.string(),
  pid: z.int(),
  dynamodb_endpoint: z.url(),
  pipeline_table: z.string(),
});

/** How other programs on this machine find the running laptop cloud. */
export type LocalFile = z.output<typeof localFile>;

function pathIn(dataDir: string): string {
  return join(dataDir, 'local.json');
}

/** Writes `local.json` into the data folder, readable by this user alone since it holds a token. */
export function writeLocalFile(dataDir: string, content: LocalFile): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(pathIn(dataDir), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

/** Takes `local.json` away once nothing answers any more. */
export function removeLocalFile(dataDir: string): void {
  rmSync(pathIn(dataDir), { force: true });
}

/**
 * The running laptop cloud's file, or null when none runs: a laptop cloud that was killed leaves its file behind. Throws
 * when the file is damaged.
 */
export function readLocalFile(dataDir: string): LocalFile | null {
  let text: string;
  try {
    text = readFileSync(pathIn(dataDir), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  const content = localFile.parse(JSON.parse(text));
  return isRunning(content.pid) ? content : null;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
