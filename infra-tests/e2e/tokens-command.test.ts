import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, submitTask } from './api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { type CommandEnd, runCommand } from './run-command.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

function create(...words: readonly string[]): Promise<CommandEnd> {
  return runCommand('tools/cli/celeriac.ts', 'tokens', 'create', '--data', laptop.dataDir, ...words).ended;
}

const hello = { task: 'test_celery', input: { message: 'hello' } };

describe('celeriac tokens create', () => {
  it('prints a token that may submit and read', async () => {
    const { code, stdout, stderr } = await create('--name', 'shop', '--tenant', 'shop');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const api = { url: laptop.target.url, token: stdout.trim() };
    const taskId = await submitTask(api, hello);
    const { status, body } = await ask(api, 'GET', `/api/v1/tasks/${taskId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ tenant: 'shop' });
  });

  it('prints a token that may do no more than its scopes say', async () => {
    const { stdout } = await create('--name', 'board', '--scopes', 'read');
    const api = { url: laptop.target.url, token: stdout.trim() };
    expect((await ask(api, 'GET', '/api/v1/tasks')).status).toBe(200);
    expect((await ask(api, 'POST', '/api/v1/tasks', { json: hello })).status).toBe(403);
  });

  it('says which scope there is not, and which there are', async () => {
    const { code, stdout, stderr } = await create('--name', 'x', '--scopes', 'read,write');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('"write" is no scope: choose from read, submit, operate, admin');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says that there is no laptop cloud to make one for', async () => {
    const { code, stderr } = await create('--name', 'x', '--data', `${laptop.dataDir}/elsewhere`);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'celeriac: no laptop cloud is running: run npm start first, or name a deployed table with --table\n',
    );
  });
});
