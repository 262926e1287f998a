import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const submit = (times: object) =>
  api.call({
    ...{ method: 'POST', path: '/api/v1/tasks', token },
    body: { task: 'test_celery', input: { message: 'hi' }, ...times },
  });
const read = async (answer: { body: Record<string, unknown> }, status = '') =>
  (await api.call({ path: `/api/v1/tasks/${String(answer.body['task_id'])}${status}`, token })).body;

/** What is wrong with a submission, field by field. */
async function faultsOf(times: object): Promise<unknown> {
  const refused = await submit(times);
  expect(refused.status).toBe(422);
  expect(api.ports.store.records()).toEqual([]);
  return refused.body['errors'];
}

describe('POST /api/v1/tasks with a countdown or an eta', () => {
  it('accepts the task as SCHEDULED, says until when, and delays its message', async () => {
    const accepted = await submit({ countdown: 30 });
    expect(accepted).toMatchObject({
      ...{ status: 202, headers: { 'retry-after': '30' }, body: { state: 'SCHEDULED' } },
    });
    expect(api.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 1 });
    expect(await read(accepted)).toMatchObject({
      state: 'SCHEDULED',
      eta: '2026-01-01T00:00:30.000Z',
      next_attempt_at: '2026-01-01T00:00:30.000Z',
      started_at: null,
      expires_at: null,
      timeline: [{ state: 'SCHEDULED', at: '2026-01-01T00:00:00.000Z', attempt: 0 }],
    });
    expect(await read(accepted, '/status')).toMatchObject({
      ...{ state: 'PENDING', status: 'scheduled for 2026-01-01T00:00:30.000Z', progress: null },
    });
    await api.ports.clock.advance(30_000);
    await api.runDefaultQueue();
    expect(await read(accepted)).toMatchObject({
      state: 'SUCCESS',
      eta: '2026-01-01T00:00:30.000Z',
      next_attempt_at: null,
      started_at: '2026-01-01T00:00:30.000Z',
    });
  });

  it('sends no message for a time that no queue can wait for, and says to look again within a minute', async () => {
    const accepted = await submit({ eta: '2026-12-31T23:59:59.5+00:00' });
    expect(accepted).toMatchObject({ status: 202, headers: { 'retry-after': '60' } });
    expect(await read(accepted)).toMatchObject({ state: 'SCHEDULED', eta: '2026-12-31T23:59:59.500Z' });
    expect(api.ports.queue.depth('default')).toEqual({ visible: 0, hidden: 0 });
  });

  it('takes fractions of a second, and knows offsets', async () => {
    expect(await read(await submit({ countdown: 0.25 }))).toMatchObject({ eta: '2026-01-01T00:00:00.250Z' });
    expect(await read(await submit({ eta: '2026-01-01T05:31:00+05:30' }))).toMatchObject({
      ...{ state: 'SCHEDULED', eta: '2026-01-01T00:01:00.000Z' },
    });
  });

  it.each([
    [{ countdown: 0 }, '2026-01-01T00:00:00.000Z'],
    [{ eta: '2025-12-31T23:59:00Z' }, '2025-12-31T23:59:00.000Z'],
    [{ eta: '0000-01-01T00:00:00+23:59' }, '1970-01-01T00:00:00.000Z'],
    [{ countdown: null, eta: null, expires: null }, null],
  ])('runs at once for %j', async (times, eta) => {
    const accepted = await submit(times);
    expect(accepted).toMatchObject({
      ...{ status: 202, headers: { 'retry-after': '1' }, body: { state: 'PENDING' } },
    });
    expect(await read(accepted)).toMatchObject({ state: 'PENDING', eta, next_attempt_at: null });
    expect(api.ports.queue.depth('default').visible).toBe(1);
  });

  it('takes a year, and not a second more', async () => {
    const eta = '2027-01-01T00:00:00.000Z';
    expect(await read(await submit({ countdown: 31_536_000 }))).toMatchObject({ eta });
    expect(await read(await submit({ eta }))).toMatchObject({ eta });
  });

  it.each([31_536_000.001, -0.001, '30', true])('refuses a countdown of %j', async (countdown) => {
    expect(await faultsOf({ countdown })).toEqual([
      { path: 'countdown', message: 'must be a number of seconds from 0 to 31536000 (365 days)' },
    ]);
  });

  it.each(['tomorrow', '2026-01-02', '2026-01-02T00:00:00', 1_767_312_000, '2026-02-30T00:00:00Z'])(
    'refuses %j as an eta',
    async (eta) => {
      expect(await faultsOf({ eta })).toEqual([
        { path: 'eta', message: expect.stringMatching(/ISO-8601 time with its offset, for example 2026/) },
      ]);
    },
  );

  it('refuses what lies beyond a year, and both at once', async () => {
    expect(await faultsOf({ eta: '2027-01-01T00:00:00.001Z' })).toEqual([
      { path: 'eta', message: 'must be at most 365 days ahead' },
    ]);
    expect(await faultsOf({ countdown: 1, eta: '2026-01-02T00:00:00Z' })).toEqual([
      { path: 'eta', message: 'give either countdown or eta, not both' },
    ]);
  });
});

describe('POST /api/v1/tasks with an expiry', () => {
  it.each([90, '2026-01-01T01:01:30+01:00'])('keeps %j as the time to start by', async (expires) => {
    const accepted = await submit({ expires });
    expect(await read(accepted)).toMatchObject({ state: 'PENDING', expires_at: '2026-01-01T00:01:30.000Z' });
    await api.ports.clock.advance(90_000);
    await api.runDefaultQueue();
    expect(await read(accepted)).toMatchObject({
      state: 'FAILURE',
      attempts: 0,
      error: { type: 'Expired', message: 'not started by 2026-01-01T00:01:30.000Z' },
    });
    expect(api.ports.queue.deadLetters('default')).toEqual([]);
  });

  it('takes one that is later than the countdown, however little', async () => {
    expect((await submit({ countdown: 60, expires: 60.001 })).status).toBe(202);
    expect((await submit({ countdown: 31_536_000, expires: 63_072_000 })).status).toBe(202);
  });

  it.each([
    [{ expires: 0 }, 'must be later than now: it has passed'],
    [{ expires: -1 }, 'must be later than now: it has passed'],
    [{ expires: '2026-01-01T00:00:00Z' }, 'must be later than now: it has passed'],
    [{ countdown: 60, expires: 60 }, 'must be later than the start of the task, 2026-01-01T00:01:00.000Z'],
    [
      { eta: '2026-01-02T00:00:00Z', expires: 3600 },
      'must be later than the start of the task, 2026-01-02T00:00:00.000Z',
    ],
    [
      { expires: '2028-01-01T00:00:00.001Z' },
      'must be at most 730 days ahead; leave it out for a task that never expires',
    ],
    [{ expires: 1e308 }, 'must be at most 730 days ahead; leave it out for a task that never expires'],
    [
      { expires: 'soon' },
      'must be a number of seconds, or an ISO-8601 time with its offset, for example 2026-11-21T09:30:00+01:00',
    ],
    [
      { expires: true },
      'must be a number of seconds, or an ISO-8601 time with its offset, for example 2026-11-21T09:30:00+01:00',
    ],
  ])('refuses %j', async (times, message) => {
    expect(await faultsOf(times)).toEqual([{ path: 'expires', message }]);
  });
});
