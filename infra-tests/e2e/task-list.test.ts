import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, createLocation, submitTask, taskUntil } from './api-calls.ts';
import type { CloudPowers } from './cloud-powers.ts';
import { type OpenTarget, openTarget } from './open-target.ts';
import type { Target } from './target.ts';

let opened: OpenTarget;
let target: Target;
let powers: CloudPowers;
beforeAll(async () => {
  opened = await openTarget();
  ({ target, powers } = opened);
});
afterAll(() => opened.stop());

const page = z.object({
  items: z.array(z.looseObject({ task_id: z.string(), state: z.string(), created_at: z.string() })),
  next_cursor: z.string().nullable(),
});

/** Reads a list to its end; resolves with the ids of every page. */
async function readPages(query: string, token?: string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await ask(target, 'GET', `/api/v1/tasks?${query}${at}`, token ? { token } : {});
    expect(answer.status).toBe(200);
    const { items, next_cursor } = page.parse(answer.body);
    pages.push(items.map(({ task_id }) => task_id));
    cursor = next_cursor;
  } while (cursor !== null);
  return pages;
}

describe('the list of tasks', () => {
  const submitted: { id: string; task: string }[] = [];
  beforeAll(async () => {
    for (const task of ['test_celery', 'health_check', 'test_celery', 'test_celery', 'health_check']) {
      const input = task === 'test_celery' ? { message: 'listed' } : {};
      submitted.push({ id: await submitTask(target, { task, input }), task });
    }
    await powers.settled();
    await powers.pause('default');
    for (const task of ['test_celery', 'health_check']) {
      const input = task === 'test_celery' ? { message: 'listed' } : {};
      submitted.push({ id: await submitTask(target, { task, input }), task });
    }
  });
  const newestFirst = () => submitted.toReversed().map(({ id }) => id);

  it('begins with the newest', async () => {
    expect(await readPages('limit=100')).toEqual([newestFirst()]);
  });

  it.each([1, 2, 3, 7])('comes in pages of %i without loss or repetition', async (limit) => {
    const pages = await readPages(`limit=${limit}`);
    expect(pages.flat()).toEqual(newestFirst());
    expect(Math.max(...pages.map(({ length }) => length))).toBe(limit);
  });

  it('loses and repeats nothing when tasks are submitted between two pages', async () => {
    const first = page.parse((await ask(target, 'GET', '/api/v1/tasks?limit=3')).body);
    const known = newestFirst();
    const late = await submitTask(target, { task: 'health_check', input: {} });
    submitted.push({ id: late, task: 'health_check' });
    const cursor = encodeURIComponent(first.next_cursor ?? '');
    const rest = page.parse((await ask(target, 'GET', `/api/v1/tasks?limit=100&cursor=${cursor}`)).body);
    expect([...first.items, ...rest.items].map(({ task_id }) => task_id)).toEqual(known);
  });

  it('can be asked for the tasks of a state', async () => {
    const waiting = await readPages('state=PENDING&limit=2');
    expect(waiting.flat()).toEqual(newestFirst().slice(0, -5));
    const over = await readPages('state=SUCCESS&limit=2');
    expect(over.flat()).toEqual(newestFirst().slice(-5));
    expect((await readPages('state=FAILURE')).flat()).toEqual([]);
  });

  it('can be asked for the tasks of a name', async () => {
    const named = (name: string) =>
      submitted.toReversed().flatMap(({ id, task }) => (task === name ? [id] : []));
    expect((await readPages('task=test_celery&limit=2')).flat()).toEqual(named('test_celery'));
    expect((await readPages('task=health_check&state=PENDING')).flat()).toEqual(
      named('health_check').slice(0, -2),
    );
  });

  it('shows neither arguments nor results', async () => {
    const { items } = page.parse((await ask(target, 'GET', '/api/v1/tasks')).body);
    for (const item of items) {
      expect(item).not.toHaveProperty('input');
      expect(item).not.toHaveProperty('result');
    }
  });
});

describe('two tenants', () => {
  it('see neither tasks nor locations of each other', async () => {
    await powers.resume('default');
    const place = { name: 'Ours', latitude: 35.6812, longitude: 139.7671 };
    const { locationId, taskId } = await createLocation(target, place);
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('SUCCESS'));

    const token = await target.issueToken({ name: 'stranger', tenant: 'strangers', scopes: ['admin'] });
    for (const path of [
      `/api/v1/tasks/${taskId}`,
      `/api/v1/tasks/${taskId}/status`,
      `/api/v1/locations/${locationId}`,
    ]) {
      expect((await ask(target, 'GET', path)).status, path).toBe(200);
      expect((await ask(target, 'GET', path, { token })).status, path).toBe(404);
    }
    expect(await readPages('limit=100', token)).toEqual([[]]);

    const theirs = await submitTask(target, { task: 'health_check', input: {} }, token);
    expect(await readPages('limit=100', token)).toEqual([[theirs]]);
    expect((await ask(target, 'GET', `/api/v1/tasks/${theirs}`)).status).toBe(404);
    expect((await readPages('limit=100')).flat()).not.toContain(theirs);
  });
});
