import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('upstreams-main.ts', import.meta.url));
const children: ChildProcess[] = [];

function run(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

it('prints its URL, serves, and stops cleanly on Ctrl-C', async () => {
  const child = run('--port', '0', '--quiet');
  const [line] = await once(createInterface(child.stdout), 'line');
  expect(line).toMatch(/^MAPBOX_BASE_URL=http:\/\/127\.0\.0\.1:\d+$/);
  const url = String(line).replace('MAPBOX_BASE_URL=', '');
  const query = 'longitude=2.35&latitude=48.86&access_token=pk.local';
  expect((await fetch(`${url}/search/geocode/v6/reverse?${query}`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([[['--port', 'x']], [['--prot', '1']]])('explains wrong options: %s', async (args) => {
  const child = run(...args);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain(String(args[0]));
  expect(said).toContain('[--port 4700]');
});
