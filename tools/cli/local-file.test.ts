import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLocalFile, removeLocalFile, writeLocalFile } from './local-file.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'celeriac-local-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const content = {
  url: 'http://127.0.0.1:4000',
  token: 'cel_x',
  pid: process.pid,
  dynamodb_endpoint: 'http://127.0.0.1:8000',
  pipeline_table: 'Table',
};

describe('local.json', () => {
  it('tells other programs of this user about the laptop cloud while it runs', () => {
    writeLocalFile(dir, content);
    expect(readLocalFile(dir)).toEqual(content);
    expect(statSync(join(dir, 'local.json')).mode & 0o777).toBe(0o600);
    removeLocalFile(dir);
    expect(readLocalFile(dir)).toBeNull();
    removeLocalFile(dir);
  });

  it('tells nothing when the laptop cloud that has left it was killed', () => {
    const { pid } = spawnSync('true');
    writeLocalFile(dir, { ...content, pid });
    expect(readLocalFile(dir)).toBeNull();
  });

  it('is refused when it is damaged', () => {
    writeFileSync(join(dir, 'local.json'), '{"url":"nowhere"}');
    expect(() => readLocalFile(dir)).toThrow('pipeline_table');
  });
});
