import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let operator: string;
beforeEach(async () => {
  api = await startApi();
  operator = api.token(['operate']);
});

const redrive = (body: unknown, token = operator) =>
  api.call({ method: 'POST', path: '/api/v1/dead-letters/redrive', token, body });
const read = async (id: string) => (await api.call({ path: `/api/v1/tasks/${id}`, token: operator })).body;

async function submitted(tags: string[] = [], token = operator): Promise<string> {
  const body = { task: 'test_celery', input: { message: 'hi' }, tags };
  const answer = await api.call({ method: 'POST', path: '/api/v1/tasks', token, body });
  return String(answer.body['task_id']);
}

async function failAll(error: Error = new RangeError('broken')): Promise<void> {
  for (let attempt = 1; attempt <= 4; attempt++) {
    await api.runDefaultQueue(error);
    await api.ports.clock.advance(10_000);
  }
}

const report = (outcomes: [string, string][], counts: { matched: number; redriven: number }) => ({
  status: 200,
  body: {
    ...counts,
    items: expect.toSatisfy(
      (items: { task_id: string; outcome: string }[]) =>
        JSON.stringify(items.map(({ task_id, outcome }) => [task_id, outcome]).sort()) ===
        JSON.stringify(outcomes.sort()),
    ),
    next_cursor: null,
  },
});

describe('POST /api/v1/dead-letters/redrive with task_ids', () => {
  it('says of each task what became of it, and runs those again that had failed', async () => {
    const failed = await submitted();
    await failAll();
    const succeeded = await submitted();
    await api.runDefaultQueue();
    const waiting = await submitted();
    const cancelled = await submitted();
    await api.call({ method: 'POST', path: `/api/v1/tasks/${cancelled}/cancel`, token: operator });

    const task_ids = [failed, succeeded, waiting, cancelled, 'none', failed];
    const others: [string, string][] = [
      ...([
        [succeeded, 'succeeded'],
        [waiting, 'unfinished'],
        [cancelled, 'cancelled'],
        ['none', 'unknown'],
      ] as const),
    ].map(([id, outcome]) => [id, outcome]);
    expect(await redrive({ task_ids, dry_run: true })).toMatchObject(
      report([[failed, 'matched'], ...others], { matched: 1, redriven: 0 }),
    );
    expect(await read(failed)).toMatchObject({ state: 'FAILURE' });
    expect(await redrive({ task_ids })).toMatchObject(
      report([[failed, 'redriven'], ...others], { matched: 1, redriven: 1 }),
    );
    const { timeline } = await read(failed);
    expect((timeline as unknown[]).at(-1)).toMatchObject({
      ...{ state: 'PENDING', epoch: 2, at: '2026-01-01T00:00:40.000Z', detail: 'redriven by test' },
    });
    await api.runDefaultQueue();
    expect(await read(failed)).toMatchObject({ state: 'SUCCESS', epoch: 2 });
  });
});

describe('POST /api/v1/dead-letters/redrive with a filter', () => {
  it('runs what matches all of it again, once', async () => {
    const early = await submitted(['blue']);
    await failAll();
    const red = await submitted(['red']);
    await failAll();
    const blue = await submitted(['red', 'blue']);
    await failAll();
    const other = await submitted(['blue']);
    await failAll(new TypeError('odd'));

    const filter = {
      ...{ task: 'test_celery', error_type: 'RangeError', tag: 'blue' },
      ...{ after: '2026-01-01T00:00:40Z', before: '2026-01-01T03:00:00+01:00' },
    };
    expect(await redrive({ filter, dry_run: true })).toMatchObject(
      report([[blue, 'matched']], { matched: 1, redriven: 0 }),
    );
    expect(await redrive({ filter })).toMatchObject(
      report([[blue, 'redriven']], { matched: 1, redriven: 1 }),
    );
    expect(await redrive({ filter })).toMatchObject(report([], { matched: 0, redriven: 0 }));
    expect(await redrive({ filter: { error_type: 'RangeError' } })).toMatchObject(
      report(
        [
          [early, 'redriven'],
          [red, 'redriven'],
        ],
        { matched: 2, redriven: 2 },
      ),
    );
    expect(await read(other)).toMatchObject({ state: 'FAILURE' });
  });

  it('sees the tasks of its tenant only', async () => {
    await submitted();
    await failAll();
    expect(await redrive({ filter: { task: 'test_celery' } }, api.token(['operate'], 'other'))).toMatchObject(
      report([], { matched: 0, redriven: 0 }),
    );
  });

  it('goes on from its cursor when there was no time left, and misses none', async () => {
    const ids = [await submitted(), await submitted(), await submitted()];
    await failAll();
    const body = { filter: { task: 'test_celery' } };
    const call = (cursor: unknown, remainingMs: number) =>
      api.call(
        {
          ...{ method: 'POST', path: '/api/v1/dead-letters/redrive', token: operator },
          body: { ...body, ...(cursor !== null && { cursor }) },
        },
        remainingMs,
      );
    const none = await call(null, 10_000);
    expect(none.body).toEqual({ matched: 0, redriven: 0, items: [], next_cursor: expect.any(String) });
    const rest = await call(none.body['next_cursor'], 29_000);
    expect(rest.body).toMatchObject({ redriven: ids.length, next_cursor: null });
  });

  it('tells of a task that it could not redrive, and redrives the others', async () => {
    const ids = [await submitted(), await submitted()];
    await failAll();
    const { save } = api.ports.store;
    api.ports.store.save = async (next, previous, options) => {
      if (next.taskId === ids[0]) throw new Error('store down');
      return save(next, previous, options);
    };
    expect(await redrive({ filter: { task: 'test_celery' } })).toMatchObject(
      report(
        [
          [ids[0] ?? '', 'error'],
          [ids[1] ?? '', 'redriven'],
        ],
        { matched: 2, redriven: 1 },
      ),
    );
    expect(api.lines).toContainEqual({
      level: 'error',
      message: 'task could not be redriven',
      fields: expect.objectContaining({ task_id: ids[0], caller: 'test' }),
    });
  });
});

describe('POST /api/v1/dead-letters/redrive', () => {
  it.each([
    [{}, '', 'give the tasks to run again'],
    [{ task_ids: ['a'], filter: { tag: 'x' } }, '', 'not both'],
    [{ filter: {} }, 'filter', 'would run every failed task again: give at least one of'],
    [{ task_ids: [] }, 'task_ids', ''],
    [{ task_ids: Array.from({ length: 101 }, String) }, 'task_ids', ''],
    [{ task_ids: ['a'], cursor: 'x' }, 'cursor', 'goes with a filter only'],
    [{ filter: { tag: 'x' }, cursor: 'nonsense' }, 'cursor', 'take it from next_cursor'],
    [{ filter: { after: 'yesterday' } }, 'filter.after', 'ISO'],
    [
      { filter: { after: '2026-01-02T00:00:00Z', before: '2026-01-01T00:00:00Z' } },
      'filter.before',
      'must be later than after',
    ],
    [{ filter: { tag: 'x', tags: ['x'] } }, 'filter.tags', 'not known'],
  ])('refuses %j', async (body, path, words) => {
    const refused = await redrive(body);
    expect(refused.status).toBe(422);
    expect(refused.body['errors']).toEqual([{ path, message: expect.stringContaining(words) }]);
  });

  it('is for operators', async () => {
    expect((await redrive({ task_ids: ['a'] }, api.token(['read', 'submit']))).status).toBe(403);
  });

  it('logs who ran what again, and with which filter', async () => {
    const id = await submitted();
    await failAll();
    await redrive({ filter: { tag: 'x' }, dry_run: true });
    await redrive({ task_ids: [id] });
    const common = { caller: 'test', tenant: 'acme' };
    expect(api.lines.filter(({ message }) => message.includes('redriv'))).toMatchObject([
      {
        message: 'redrive tried without effect',
        fields: { ...common, filter: { tag: 'x' }, matched: 0, redriven: 0 },
      },
      { message: 'tasks redriven', fields: { ...common, matched: 1, redriven: 1, task_ids: [id] } },
    ]);
  });
});
