import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { obligingSpec } from './fixtures/obliging-spec.ts';
import { runInThread, type ThreadRun } from './run-in-thread.ts';

type Obliging = ThreadRun<z.infer<typeof obligingSpec.input>, z.infer<typeof obligingSpec.output>>;

const file = fileURLToPath(new URL('./fixtures/obliging-thread.ts', import.meta.url));

/** Runs the fixture thread, and sees to it that none is left in the end, however that was. */
async function run(mode: Obliging['input']['mode'], changes: Partial<Obliging> = {}) {
  try {
    const { signal } = new AbortController();
    return await runInThread({ file, spec: obligingSpec, input: { mode, count: 3 }, signal, ...changes });
  } finally {
    expect(threads()).toBe(0);
  }
}

const threads = () =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length;

describe('a thread', () => {
  it('gives its result', async () => {
    expect(await run('count')).toEqual({ count: 3, variables: [] });
  });

  it('tells how far it is', async () => {
    const told: [number, string][] = [];
    await run('count', { input: { mode: 'count', count: 4 }, progress: (...words) => void told.push(words) });
    expect(told).toEqual([
      [25, 'Counted to 1'],
      [50, 'Counted to 2'],
      [75, 'Counted to 3'],
      [100, 'Counted to 4'],
    ]);
  });

  it('is not waited for once it has answered', async () => {
    expect(await run('linger')).toMatchObject({ count: 3 });
  });
});

describe('a signal that aborts', () => {
  it('ends a thread in a closed loop within a second, with its reason', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let aborted = 0;
    const running = run('loop', {
      signal: abort.signal,
      progress() {
        expect(threads()).toBe(1);
        aborted = performance.now();
        abort.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(performance.now() - aborted).toBeLessThan(1000);
  });

  it('starts no thread when it had aborted before', async () => {
    const reason = new Error('too late');
    await expect(run('loop', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a thread that fails', () => {
  it('gives its error with name, message and stack', async () => {
    const error = await run('throw').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'RangeError', message: 'too far' });
    expect((error as Error).stack).toContain('obliging-thread.ts');
  });

  it('says that no retry can mend it', async () => {
    const error = await run('refuse').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ name: 'PermanentError', message: 'never' });
  });

  it('may throw anything', async () => {
    await expect(run('throw-text')).rejects.toThrow('just text');
  });

  it('is told from one that ends without an answer', async () => {
    await expect(run('exit')).rejects.toMatchObject({
      ...{ name: 'ThreadFailed', message: 'obliging-thread.ts ended with exit code 3 and without an answer' },
    });
  });

  it('by needing more memory than it has says so', async () => {
    await expect(run('hoard', { memoryMb: 32 })).rejects.toMatchObject({
      ...{
        name: 'ThreadOutOfMemory',
        message: 'obliging-thread.ts needed more memory than its limit of 32 MB',
      },
    });
  });

  it('is one whose file is missing or no thread', async () => {
    await expect(run('count', { file: `${file}x` })).rejects.toThrow('obliging-thread.tsx');
    const other = file.replace('thread', 'spec');
    await expect(run('count', { file: other })).rejects.toMatchObject({ name: 'ThreadFailed' });
  });
});

describe('what does not fit the spec', () => {
  it('is refused on its way in, by the thread', async () => {
    const input = { mode: 'dance', count: 1 } as never;
    await expect(run('count', { input })).rejects.toMatchObject({ name: 'ZodError' });
  });

  it('is refused on its way out', async () => {
    await expect(run('mistake')).rejects.toThrow('expected number, received string');
    await expect(run('babble')).rejects.toThrow('obliging-thread.ts sent what is no message');
  });
});

it('ends the thread when nobody can be told how far it is', async () => {
  const over = new Error('the attempt is over');
  const progress = () => {
    throw over;
  };
  await expect(run('loop', { progress })).rejects.toBe(over);
});

it('refuses to be a thread outside of one', async () => {
  await expect(import('./fixtures/obliging-thread.ts')).rejects.toThrow('start it with runInThread');
});
