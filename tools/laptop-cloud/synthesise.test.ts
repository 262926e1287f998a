import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';

/** Writes what it was given, as an app under the CDK does, and one more line of `runs` each time. */
const APP = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const outDir: string = process.env.CDK_OUTDIR!;
mkdirSync(outDir, { recursive: true });
writeFileSync(outDir + '/manifest.json', process.env.CDK_CONTEXT_JSON!);
appendFileSync('runs', 'x');
`;

let projectDir: string;
const outDir = () => join(projectDir, '.data/cdk.out');
const runs = () => readFileSync(join(projectDir, 'runs'), 'utf8').length;
const given = () => JSON.parse(readFileSync(join(outDir(), 'manifest.json'), 'utf8'));

function write(path: string, content: string) {
  mkdirSync(dirname(join(projectDir, path)), { recursive: true });
  writeFileSync(join(projectDir, path), content);
}

beforeEach(() => {
  projectDir = mkdtempSync(join(tmpdir(), 'celeriac-synth-'));
  write('cdk.json', '{"app": "ignored", "context": {"flag": true, "stage": "dev"}}');
  write('package.json', '{"type": "module"}');
  write('package-lock.json', '{}');
  write('cdk/app.ts', APP);
  write('functions/a/room.ts', 'export const a = 1;');
  write('shared/b.ts', 'export const b = 1;');
});

afterEach(() => rmSync(projectDir, { recursive: true }));

describe('synthesise', () => {
  it('runs the app with the context of cdk.json and the flags given on top', async () => {
    const context = { stage: 'laptop', extra: '1' };
    expect(await synthesise({ projectDir, outDir: outDir(), context })).toEqual({
      outDir: outDir(),
      cached: false,
    });
    expect(given()).toEqual({ flag: true, stage: 'laptop', extra: '1' });
  });

  it('does not run it again for the same inputs; tests are no input', async () => {
    await synthesise({ projectDir, outDir: outDir() });
    write('functions/a/room.test.ts', 'a new test');
    expect(await synthesise({ projectDir, outDir: outDir() })).toEqual({ outDir: outDir(), cached: true });
    expect(runs()).toBe(1);
  });

  it.each([
    ['a function', () => write('functions/a/room.ts', 'export const a = 2;')],
    ['a new file', () => write('shared/deep/new.json', '{}')],
    ['a file that is gone', () => rmSync(join(projectDir, 'shared/b.ts'))],
    ['the stacks', () => write('cdk/app.ts', `${APP}\n`)],
    ['the lock file', () => write('package-lock.json', '{ }')],
    ['cdk.json', () => write('cdk.json', '{"context": {"flag": false}}')],
    ['a removed assembly', () => rmSync(outDir(), { recursive: true })],
  ])('runs it again for %s', async (_name, change) => {
    await synthesise({ projectDir, outDir: outDir() });
    change();
    expect(await synthesise({ projectDir, outDir: outDir() })).toMatchObject({ cached: false });
    expect(runs()).toBe(2);
  });

  it('runs it again for other context, and takes the assembly before away', async () => {
    await synthesise({ projectDir, outDir: outDir() });
    write('.data/cdk.out/asset.old/index.js', '');
    expect(await synthesise({ projectDir, outDir: outDir(), context: { stage: 'other' } })).toMatchObject({
      cached: false,
    });
    expect(existsSync(join(outDir(), 'asset.old'))).toBe(false);
  });

  it('shows the app’s own words when it fails, and never takes what that run left for an assembly', async () => {
    await synthesise({ projectDir, outDir: outDir() });
    write('cdk/app.ts', `${APP} console.error('no stage named moon'); process.exit(3);`);
    await expect(synthesise({ projectDir, outDir: outDir() })).rejects.toThrow(
      /cdk\/app\.ts failed \(exit status 3\):\nno stage named moon$/,
    );
    write('cdk/app.ts', APP);
    expect(await synthesise({ projectDir, outDir: outDir() })).toMatchObject({ cached: false });
  });

  it('runs a failing app again though nothing changed', async () => {
    write('cdk/app.ts', `${APP} process.exit(3);`);
    await expect(synthesise({ projectDir, outDir: outDir() })).rejects.toThrow(/failed/);
    await expect(synthesise({ projectDir, outDir: outDir() })).rejects.toThrow(/failed/);
    expect(runs()).toBe(2);
  });

  it('leaves a folder alone that is no assembly', async () => {
    write('.data/cdk.out/diary.txt', 'mine');
    await synthesise({ projectDir, outDir: outDir() });
    expect(readFileSync(join(outDir(), 'diary.txt'), 'utf8')).toBe('mine');
  });

  it('tells when the app wrote no assembly', async () => {
    write('cdk/app.ts', '');
    await expect(synthesise({ projectDir, outDir: outDir() })).rejects.toThrow(/wrote no assembly/);
  });
});
