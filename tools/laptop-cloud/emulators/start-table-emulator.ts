import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Emulator } from './emulator.ts';
import { findTableEmulator, type TableEmulatorSource } from './find-table-emulator.ts';

const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 3_000;
const START_ATTEMPTS = 3;

/**
 * Runs its arguments as a child, and ends the child when standard input closes: the pipe closes with the
 * process that holds its other end, however that process dies, so a killed laptop cloud leaves no server
 * behind. Ends with the child's status when the child ends first.
 */
const SUPERVISE = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ while read -r _; do :; done; kill "$child" && sleep 2 && kill -9 "$child"; } <&3 2>/dev/null &
watcher=$!
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit $status
`;

/**
 * Starts dynoxide (DynamoDB) as a child process on 127.0.0.1, its data in a file under `dataDir`; or uses a
 * server that runs already, which `stop` leaves alone and whose data are its own affair.
 * @param options.port 0 or absent: a free one
 * @param options.source absent: as `findTableEmulator` finds it
 * @throws Error when there is no emulator for this machine or it does not start, with its own words
 */
export async function startTableEmulator(options: {
  dataDir: string;
  port?: number;
  source?: TableEmulatorSource;
}): Promise<Emulator> {
  const source = options.source ?? findTableEmulator();
  if ('endpoint' in source) {
    return { url: source.endpoint, stop: () => Promise.resolve(), ended: new Promise(() => undefined) };
  }
  mkdirSync(options.dataDir, { recursive: true });

  // A free port can be taken by another between looking and listening, so a second look may be needed.
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port || (await freePort());
    try {
      return await start(source.binary, port, join(options.dataDir, 'tables.db'));
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('already in use');
      if (!taken || options.port || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function start(binary: string, port: number, file: string): Promise<Emulator> {
  const args = ['--host', '127.0.0.1', '--port', String(port), '--db-path', file];
  // Detached, so that Ctrl-C in a terminal reaches this process only: functions still write while it stops.
  const child = spawn('/bin/sh', ['-c', SUPERVISE, 'table-emulator', binary, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: {},
  });

  const url = `http://127.0.0.1:${port}`;
  let stopping = false;
  let said = '';
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = `${said}${text}`.slice(-2_000);
        if (said.includes(`listening on ${url}`)) resolve();
      });
    }
  });
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', (cause) => resolve(new Error(`The table emulator cannot be run: ${cause.message}`)));
    child.once('close', (code) => {
      resolve(stopping ? undefined : new Error(`The table emulator ended with code ${code}: ${said.trim()}`));
    });
  });
  const stop = async () => {
    stopping = true;
    child.stdin.end();
    await withDeadline(STOP_DEADLINE_MS, ended, () => killGroup(child));
    await ended;
  };

  const failed = ended.then((error) => Promise.reject(error ?? new Error('The table emulator was stopped')));
  try {
    await withDeadline(START_DEADLINE_MS, Promise.race([listening, failed]), () => killGroup(child));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop, ended };
}

/** Awaits `work`; calls `late` if it takes longer, and goes on waiting. */
async function withDeadline<T>(ms: number, work: Promise<T>, late: () => void): Promise<T> {
  const timer = setTimeout(late, ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('No free port on 127.0.0.1');
  return address.port;
}
