import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken, tokenKey } from '#functions/runtime/tokens/token-item.ts';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { taskUntil } from '../e2e/api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from '../e2e/laptop-target.ts';
import { gradientPng } from '../e2e/raster-calls.ts';
import { runShell } from '../e2e/shell.ts';
import { type AlarmWatch, watchAlarms } from '../e2e/watch-alarms.ts';
import { codeBlocks } from './markdown.ts';

let folder: string;
let laptop: LaptopTarget;
let alarms: AlarmWatch;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'celeriac-deploying-'));
  laptop = await startLaptopTarget();
  alarms = watchAlarms(laptop.target);
  page = await readFile(join(projectDir, 'docs/deploy.md'), 'utf8');
});
afterAll(async () => {
  await laptop.stop();
  await rm(folder, { recursive: true });
});

/** The one block of sh in a text that holds `words`. */
function program(text: string, words: string): string {
  const found = codeBlocks(text).filter((block) => block.language === 'sh' && block.text.includes(words));
  expect(found).toHaveLength(1);
  return found[0]?.text ?? '';
}

function paste(lines: string, environment: Record<string, string> = {}): Promise<string> {
  const { url, token } = laptop.target;
  return runShell(`cd '${folder}'\n${lines}`, {
    ...{ CELERIAC_URL: url, CELERIAC_TOKEN: token },
    ...environment,
  });
}

describe('the commands of docs/deploy.md', () => {
  it('run a first task, as printed', async () => {
    const printed = await paste(program(page, '"test_celery"'));
    expect(printed).toMatch(/"task_id":".*"items":\[\{/s);
  });

  it('make a raster of an image, as printed', async () => {
    await writeFile(join(folder, 'photo.png'), gradientPng(64, 48));
    const printed = await paste(program(page, 'image=photo.png'));
    expect(printed).toContain('"status":"COMPLETED"');
    const raster = await readFile(join(folder, 'photo.png.tif'));
    expect(raster.subarray(0, 4).toString('latin1')).toBe('II*\0');
  });

  it('make the alarm ring, and end it, as printed', async () => {
    const printed = await paste(`${program(page, '"fail_first"')}\necho " $task_id"`);
    const taskId = printed.trim().split(' ').at(-1) ?? '';
    await alarms.alarmIs('default-dead-letters', 'ALARM');
    await taskUntil(laptop.target, taskId, ({ state }) => expect(state).toBe('FAILURE'));

    await paste(program(page, '/retry'), { task_id: taskId });
    await alarms.alarmIs('default-dead-letters', 'OK');
    await taskUntil(laptop.target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));
  });
});

describe('the commands of docs/disaster-recovery.md', () => {
  it('find a leaked token by what it is stored under', async () => {
    const recovery = await readFile(join(projectDir, 'docs/disaster-recovery.md'), 'utf8');
    // In place of the AWS CLI: it prints what it is given.
    const lines = `aws() { printf '%s\\n' "$@"; }\n${program(recovery, 'sha256sum')}`;
    const printed = await paste(lines, { leaked: laptop.target.token, table: 'the-table' });
    const [key] = printed.split('\n').filter((line) => line.startsWith('{'));
    const { pk, sk } = tokenKey(hashToken(laptop.target.token));
    expect(JSON.parse(key ?? '')).toEqual({ pk: { S: pk }, sk: { S: sk } });
  });
});
