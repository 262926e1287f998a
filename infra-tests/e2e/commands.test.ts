import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readLocalFile } from '#tools/cli/local-file.ts';
import { knock } from '#tools/laptop-cloud/emulators/fixtures/addresses.ts';
import { listenOnLaptop, stopListening } from '#tools/laptop-cloud/listen-on-laptop.ts';
import { ask, submitTask, taskUntil } from './api-calls.ts';
import { type DataDir, makeDataDir } from './data-dir.ts';
import { type RunningCommand, runCommand } from './run-command.ts';

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
  await command.printed('Celeriac is up');
  return { command, local: localFileOf(folder) };
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
  beforeAll(async () => {
    folder = await newFolder();
    ({ command } = await started(folder));
  });

  it('says where it is in a file that only its user can read', async () => {
    const local = localFileOf(folder);
    expect(local.pid).toBe(command.pid);
    expect(statSync(join(folder, 'local.json')).mode & 0o777).toBe(0o600);
    expect((await ask(local, 'GET', '/api/v1/tasks')).status).toBe(200);
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
    expect(readLocalFile(folder)).toBeNull();
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
  it('ends by itself, in one line, rather than to answer nothing but errors', async () => {
    const { command, local } = await started(await newFolder());
    const processes = descendantsOf(command.pid);
    process.kill(processes.at(-1) ?? 0, 'SIGKILL');
    const { code, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^celeriac: The table emulator ended .*\n$/);
    await nothingIsLeft(processes, local);
  });
});
