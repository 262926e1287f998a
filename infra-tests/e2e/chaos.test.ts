import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DataDir, makeDataDir } from './data-dir.ts';
import { type RunningCommand, runCommand } from './run-command.ts';

let folder: DataDir;
let running: RunningCommand | undefined;
beforeAll(async () => {
  folder = await makeDataDir();
});
afterAll(async () => {
  running?.kill('SIGKILL');
  await running?.ended;
  await folder.remove();
});

function chaos(...words: readonly string[]): RunningCommand {
  running = runCommand('tools/chaos/chaos.ts', '--data', folder.path, ...words);
  return running;
}

/** The processes that a process has started itself. Source: proc(5). */
function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}

describe('npm run chaos', () => {
  it('loses nothing while every service fails now and then, workers die and the cloud restarts', async () => {
    const { code, stdout, stderr } = await chaos(
      ...['--tasks', '40', '--kills', '2', '--restarts', '1', '--seed', '1'],
    ).ended;
    expect({ code, stderr, stdout }).toMatchObject({ code: 0, stderr: '' });
    expect(stdout).toContain('chaos with seed 1: 40 tasks, 2 kills, 1 restarts');
    expect(stdout).toContain('Nothing was lost: 40 of 40 accepted tasks are there and have ended');
    const faults = [...stdout.matchAll(/^ {2}((?:DynamoDB|SQS|S3) .*?) +(\d+)$/gm)];
    expect(faults).toHaveLength(15);
    expect(faults.filter(([, , count]) => count === '0')).toEqual([]);
  }, 180_000);

  it('ends in order when it is interrupted', async () => {
    const command = chaos('--tasks', '500', '--kills', '5');
    await command.printed('   ');
    const started = childrenOf(command.pid);
    expect(started).not.toEqual([]);
    command.kill('SIGINT');
    expect(await command.ended).toMatchObject({
      ...{ code: 1, signal: null, stderr: 'celeriac: stopped by SIGINT: nothing was proved\n' },
    });
    expect(started.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  });

  it.each([
    ['--tasks', '0', 'from 1 to 100000'],
    ['--kills', 'many', 'from 1 to 100000'],
    ['--restarts', '1.5', 'from 1 to 100000'],
    ['--seed', '-1', 'from 0 to 4294967295'],
  ])('refuses %s %s in words', async (option, value, words) => {
    const { code, stderr } = await chaos(option, value).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(
      `option '${option} <number>' argument '${value}' is invalid. give a whole number ${words}`,
    );
  });
});
