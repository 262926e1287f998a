import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTableClient } from '../provision/aws-clients.ts';
import { findTableEmulator } from './find-table-emulator.ts';
import { knock, otherAddresses } from './fixtures/addresses.ts';
import { startTableEmulator } from './start-table-emulator.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'celeriac-tables-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** An executable that stands in for dynoxide. */
function binary(script: string): string {
  const path = join(folder, 'dynoxide');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('the table emulator', () => {
  it('listens on 127.0.0.1 and no other address, and is gone after stop', async () => {
    const emulator = await startTableEmulator({ dataDir: folder });
    const port = Number(new URL(emulator.url).port);
    const client = createTableClient(emulator.url);
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(otherAddresses()).not.toEqual([]);
    for (const address of otherAddresses()) expect(await knock(address, port)).toBe('ECONNREFUSED');
    await emulator.stop();
    expect(await knock('127.0.0.1', port)).toBe('ECONNREFUSED');
    expect(await emulator.ended).toBeUndefined();
  });

  it('starts on the port it is given, and says so when that is taken', async () => {
    const first = await startTableEmulator({ dataDir: folder });
    const port = Number(new URL(first.url).port);
    await expect(startTableEmulator({ dataDir: join(folder, 'other'), port })).rejects.toThrow(
      /already in use/,
    );
    await first.stop();
    const second = await startTableEmulator({ dataDir: folder, port });
    expect(second.url).toBe(first.url);
    await second.stop();
  });

  it('reports a server that ends by itself', async () => {
    const source = {
      binary: binary(
        'echo "listening on http://127.0.0.1:$4" >&2; sleep 0.1; echo "disk on fire" >&2; exit 3',
      ),
    };
    const emulator = await startTableEmulator({ dataDir: folder, source });
    expect((await emulator.ended)?.message).toBe(
      `The table emulator ended with code 3: listening on ${emulator.url}\ndisk on fire`,
    );
    await emulator.stop();
  });

  it('fails with the words of a server that does not start', async () => {
    const source = { binary: binary('echo "no such option" >&2; exit 2') };
    await expect(startTableEmulator({ dataDir: folder, source })).rejects.toThrow(
      'The table emulator ended with code 2: no such option',
    );
  });

  it('looks for another port when one it found free was taken meanwhile', async () => {
    const script =
      'if mkdir "$0.tried"; then echo "port $4 is already in use" >&2; exit 1; fi; echo "listening on http://127.0.0.1:$4" >&2; exec sleep 60';
    const emulator = await startTableEmulator({ dataDir: folder, source: { binary: binary(script) } });
    await emulator.stop();
  });

  it('leaves a given server alone', async () => {
    const emulator = await startTableEmulator({
      dataDir: folder,
      source: { endpoint: 'http://127.0.0.1:8000' },
    });
    expect(emulator.url).toBe('http://127.0.0.1:8000');
    await emulator.stop();
  });
});

describe('finding the table emulator', () => {
  const missing = () => {
    throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  };

  it('takes the endpoint that was set, whatever is installed', () => {
    binary('');
    const env = { PATH: folder, CELERIAC_DYNAMODB_URL: 'http://127.0.0.1:8000/' };
    expect(findTableEmulator({ packageFile: missing, env })).toEqual({ endpoint: 'http://127.0.0.1:8000' });
  });

  it('then the package of this platform', () => {
    const path = binary('');
    const packageFile = (id: string) =>
      join(folder, id === '@dynoxide/linux-riscv/package.json' ? 'package.json' : '?');
    const env = { PATH: '/bin' };
    expect(findTableEmulator({ platform: 'linux-riscv', packageFile, env })).toEqual({ binary: path });
  });

  it('then dynoxide on PATH', () => {
    const path = binary('');
    expect(findTableEmulator({ packageFile: missing, env: { PATH: `/nowhere:${folder}` } })).toEqual({
      binary: path,
    });
  });

  it('and says in one line how to get one', () => {
    expect(() => findTableEmulator({ platform: 'darwin-arm64', packageFile: missing, env: {} })).toThrow(
      /^No table emulator for darwin-arm64: npm i --no-save @dynoxide\/darwin-arm64, or .*PATH, or .*CELERIAC_DYNAMODB_URL.*$/,
    );
  });
});
