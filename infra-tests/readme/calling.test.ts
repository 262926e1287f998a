import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { taskUntil } from '../e2e/api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from '../e2e/laptop-target.ts';
import { runPython, runShell } from '../e2e/shell.ts';
import { codeBlocks } from './markdown.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

const blocks = codeBlocks(readFileSync(join(projectDir, 'docs/calling.md'), 'utf8'));

/** The one block of a language that holds `words`. */
function program(language: string, words = ''): string {
  const found = blocks.filter((block) => block.language === language && block.text.includes(words));
  expect(found).toHaveLength(1);
  return found[0]?.text ?? '';
}

/** Runs blocks of sh one after the other, as they are pasted; resolves with the JSON values that they print. */
async function paste(...programs: string[]): Promise<unknown[]> {
  const printed = await runShell(programs.join('\necho\n'), environment());
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const environment = () => ({ CELERIAC_URL: laptop.target.url, CELERIAC_TOKEN: laptop.target.token });

describe('the programs of docs/calling.md', () => {
  it('submit and poll with curl, as printed', async () => {
    const [status] = await paste(program('sh', 'hello from curl'));
    expect(status).toMatchObject({ state: 'SUCCESS', result: { message: 'hello from curl' } });
  });

  it('submit once though they are pasted twice, as printed', async () => {
    const once = program('sh', 'Idempotency-Key');
    const [first, second] = await paste(once, once);
    expect(first).toMatchObject({ task_id: expect.any(String) });
    expect(second).toMatchObject({ task_id: Object(first)['task_id'] });
  });

  it('submit for later, and find it in the list, as printed', async () => {
    const [countdown, eta, list] = await paste(
      program('sh', '"countdown"'),
      program('sh', 'eta=$('),
      program('sh', 'state=SCHEDULED'),
    );
    expect(countdown).toMatchObject({ task_id: expect.any(String), state: 'SCHEDULED' });
    expect(eta).toMatchObject({ state: 'SCHEDULED' });
    expect(list).toMatchObject({
      items: [{ task_id: Object(eta)['task_id'], queue: 'priority', tags: ['greeting'] }],
      next_cursor: null,
    });
  });

  it('cancel and retry, as printed', async () => {
    const [cancelled, retried] = await paste(program('sh', '/cancel'), program('sh', '/retry'));
    expect(cancelled).toMatchObject({ status: 'CANCELLED', message: 'Task cancellation requested' });
    expect(retried).toMatchObject({ task_id: Object(cancelled)['task_id'], state: 'PENDING' });
    await taskUntil(laptop.target, Object(cancelled)['task_id'], (record) =>
      expect(record).toMatchObject({ state: 'SUCCESS', epoch: 2, result: { limit: 1000, primes: 168 } }),
    );
  });

  it('name a correlation id, as printed', async () => {
    const printed = await runShell(program('sh', 'X-Correlation-Id'), environment());
    expect(printed.trim()).toBe('x-correlation-id: order-1042');
  });

  it('redrive, as printed', async () => {
    const [dryRun] = await paste(program('sh', '/redrive'));
    expect(dryRun).toEqual({ matched: 0, redriven: 0, items: [], next_cursor: null });
  });

  it('submit and poll with Python, as printed', async () => {
    const printed = await runPython(program('python'), environment());
    expect(printed).toContain("'status': 'success'");
    expect(printed).toContain("'formatted_address': 'Tokyo, Tokyo Prefecture, Japan'");
  });
});
