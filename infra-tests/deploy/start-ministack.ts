import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { projectDir } from '#tools/cli/run-laptop.ts';
import type { EmulatedAccount } from './emulated-account.ts';
import { prepareVenv } from './prepare-venv.ts';
import { runProgram } from './run-program.ts';

/** A running MiniStack; `stop` leaves neither a process nor a file of it. */
export interface RunningMinistack {
  readonly account: EmulatedAccount;
  /** Where everything that MiniStack prints is kept, after its end too. */
  readonly log: string;
  stop(): Promise<void>;
}

const startSeconds = 60;

/**
 * Starts MiniStack on 127.0.0.1, as strict as it can be: HTTPS, so that policies that want it are satisfied, signatures
 * checked, and every call judged by the policies of whoever calls.
 */
export async function startMinistack(): Promise<RunningMinistack> {
  await using started = new AsyncDisposableStack();
  const python = await prepareVenv();
  const folder = await mkdtemp(join(tmpdir(), 'celeriac-ministack-'));
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  await makeCertificate(certificate, key);
  const port = await freePort();
  const account = { endpoint: `https://127.0.0.1:${port}`, certificate, python };

  const log = join(projectDir, '.celeriac', 'ministack.log');
  // Functions are unpacked there; a package.json above, if only a stray one in /tmp, would say what kind of module they are.
  await mkdir(join(folder, 'tmp'));
  await writeFile(join(folder, 'tmp/package.json'), '{"type": "commonjs"}');
  const child = spawn(python, [join(import.meta.dirname, 'run-ministack.py')], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...withoutAws(process.env),
      // Functions run on the first `node` on the path, and inherit the rest but for their own credentials.
      PATH: [join(projectDir, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
      NODE_EXTRA_CA_CERTS: certificate,
      TMPDIR: join(folder, 'tmp'),
      ...{ BIND_HOST: '127.0.0.1', MINISTACK_HOST: '127.0.0.1', GATEWAY_PORT: String(port) },
      ...{ LAMBDA_EXECUTOR: 'local', AUTH: 'true' },
      ...{ USE_SSL: '1', MINISTACK_SSL_CERT: certificate, MINISTACK_SSL_KEY: key },
    },
  });
  // A pipe that breaks says no more than that MiniStack has ended.
  child.stdin.on('error', () => undefined);
  const output = createWriteStream(log);
  const logged = Promise.all([
    pipeline(child.stdout, output, { end: false }),
    pipeline(child.stderr, output, { end: false }),
  ]).finally(() => output.end());
  started.defer(async () => {
    await endGroup(child);
    await logged;
  });
  await untilReady(child, account, log);
  const running = started.move();
  return { account, log, stop: () => running.disposeAsync() };
}

function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')));
}

/** Its own authority, for an hour of tests; the key never leaves the folder. */
async function makeCertificate(certificate: string, key: string): Promise<void> {
  await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate, '-subj', '/CN=ministack'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
  ]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  return address.port;
}

async function untilReady(child: ChildProcess, account: EmulatedAccount, log: string): Promise<void> {
  const deadline = performance.now() + startSeconds * 1000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > deadline) {
      throw new Error(`MiniStack did not start in ${startSeconds} s:\n${await readFile(log, 'utf8')}`);
    }
    if (await isReady(account)) return;
    await pause(100);
  }
}

/** Whether it answers by now; a refused connection means that it will. */
function isReady({ endpoint, certificate }: EmulatedAccount): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const ca = readFileSync(certificate);
  get(`${endpoint}/_ministack/health`, { ca, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).on('error', () => resolve(false));
  return promise;
}

/** The end of its standard input ends MiniStack and its functions, see run-ministack.py. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.stdin?.end();
  await closed;
}
