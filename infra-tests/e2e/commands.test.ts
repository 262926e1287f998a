import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLocalFile } from '#tools/cli/local-file.ts';
import { knock } from '#tools/laptop-cloud/emulators/fixtures/addresses.ts';
import { listenOnLaptop, stopListening } from '#tools/laptop-cloud/listen-on-laptop.ts';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import { type DataDir, makeDataDir } from './data-dir.ts';
import { type RunningCommand, runCommand } from './run-command.ts';
import { runShell } from './shell.ts';

const hello = { task: 'test_celery', input: { message: 'hello' } };
const running = new Set<RunningCommand>();
const folders: DataDir[] = [];
afterAll(async () => {
  for (const command of running) command.kill('SIGKILL');
  await Promise.all([...running].map(({ ended }) => ended));
  await Promise.all(folders.map((folder) => folder.remove()));
});

async function newFolder(): Promise<string> {
  const folder = await makeDataDir();
  folders.push(folder);
  return folder.path;
}

function npmStart(folder: string, port = 0): RunningCommand {
  const command = runCommand('tools/cli/start.ts', '--port', String(port), '--data', folder);
  running.add(command);
  void command.ended.then(() => running.delete(command));
  return command;
}

/** `npm start`, waited for until it is up. */
async function started(folder: string) {
  const command = npmStart(folder);
  const welcome = await command.printed('Ctrl-C stops it');
  return { command, welcome, local: localFileOf(folder) };
}

function localFileOf(folder: string) {
  const local = readLocalFile(folder);
  if (!local) throw new Error(`there is no local.json in ${folder}`);
  return local;
}

/** The processes that a process has started, and they in turn, as far as they still run. Source: proc(5). */
function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Resolves when a laptop cloud has left nothing running: no process, and no server on its ports. */
async function nothingIsLeft(
  processes: readonly number[],
  local: ReturnType<typeof localFileOf>,
): Promise<void> {
  expect(processes).not.toEqual([]);
  const ports = [local.url, local.dynamodb_endpoint].map((url) => Number(new URL(url).port));
  const look = async () => {
    expect(processes.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    const knocks = await Promise.all(ports.map((port) => knock('127.0.0.1', port)));
    expect(knocks).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  };
  await vi.waitFor(look, 5000);
}

describe('npm start', () => {
  let folder: string;
  let command: RunningCommand;
  let welcome: string;
  beforeAll(async () => {
    folder = await newFolder();
    ({ command, welcome } = await started(folder));
  });

  it('says where it is in a file that only its user can read', async () => {
    const local = localFileOf(folder);
    expect(local.pid).toBe(command.pid);
    expect(statSync(join(folder, 'local.json')).mode & 0o777).toBe(0o600);
    expect((await ask(local, 'GET', '/api/v1/tasks')).status).toBe(200);
  });

  it('prints lines to paste that work', async () => {
    const script = welcome.slice(welcome.indexOf('  export '), welcome.lastIndexOf('Ctrl-C'));
    const stdout = await runShell(script.replaceAll('  curl', '  echo; curl'));
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toMatchObject([
      { status: 'healthy' },
      { name: 'Tokyo Station', task_id: expect.any(String) },
      { items: [{ task: 'enrich_location_data' }], next_cursor: null },
    ]);
  });

  it('is refused a second time on the same data, in one line, and goes on undisturbed', async () => {
    const { code, stderr } = await npmStart(folder).ended;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `celeriac: ${folder} is in use by process ${command.pid}: is npm start running elsewhere? Stop it, or pass --data DIR`,
    ]);
    expect((await ask(localFileOf(folder), 'GET', '/health')).status).toBe(200);
  });

  it('is refused a port that is taken, in one line', async () => {
    const other = createServer();
    const port = Number(new URL(await listenOnLaptop(other, 0)).port);
    const { code, stderr } = await npmStart(await newFolder(), port).ended;
    await stopListening(other);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      `celeriac: port ${port} is taken: stop the other program or pass --port N`,
    ]);
  });

  it('ends with Ctrl-C and leaves neither its file nor a process', async () => {
    const local = localFileOf(folder);
    const processes = descendantsOf(command.pid);
    command.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 0, stderr: '' });
    await nothingIsLeft(processes, local);
    expect(existsSync(join(folder, 'local.json'))).toBe(false);
  });
});

describe('npm start, killed', () => {
  it('leaves no process, and has its tasks when it is started again', async () => {
    const folder = await newFolder();
    const first = await started(folder);
    const taskId = await submitTask(first.local, hello);
    const before = await taskUntil(first.local, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
    const processes = descendantsOf(first.command.pid);
    first.command.kill('SIGKILL');
    expect(await first.command.ended).toMatchObject({ signal: 'SIGKILL' });
    await nothingIsLeft(processes, first.local);

    const { local } = await started(folder);
    expect((await ask(local, 'GET', `/api/v1/tasks/${taskId}`)).body).toEqual(before);
    const kept = await ask(local, 'GET', '/api/v1/tasks', { token: first.local.token });
    expect(kept.status).toBe(200);
  });
});

describe('npm start, without its tables', () => {
  it('ends by itself rather than to answer nothing but errors', async () => {
    const { command, local } = await started(await newFolder());
    const processes = descendantsOf(command.pid);
    const emulator = processes.find((pid) => readlinkSync(`/proc/${pid}/exe`).endsWith('dynoxide'));
    if (emulator === undefined) throw new Error('npm start has not started dynoxide');
    process.kill(emulator, 'SIGKILL');
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^celeriac: The table emulator ended with code 137/);
    await nothingIsLeft(processes, local);
  });
});
