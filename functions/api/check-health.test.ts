import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';
import { CheckFailed } from './check-health.ts';

let api: Awaited<ReturnType<typeof startApi>>;
beforeEach(async () => {
  api = await startApi();
});

describe('GET /health', () => {
  it('answers 200 to everybody when all is well', async () => {
    expect(await api.call({ path: '/health' })).toMatchObject({
      status: 200,
      body: {
        status: 'healthy',
        checks: { database: 'ok', cache: 'ok', celery: 'ok' },
        timestamp: '2026-01-01T00:00:00.000Z',
      },
    });
    expect((await api.call({ path: '/health' })).body).not.toHaveProperty('errors');
    expect(api.ports.clock.nextTimer()).toBeNull();
  });

  it('answers 503 naming what fails and nothing of the inside', async () => {
    api.health.cache = async () => Promise.reject(new TypeError('bucket secret-name'));
    const failed = await api.call({ path: '/health/' });
    expect(failed).toMatchObject({
      status: 503,
      body: {
        status: 'unhealthy',
        checks: { database: 'ok', cache: 'error', celery: 'ok' },
        errors: ['cache: TypeError'],
      },
    });
    expect(JSON.stringify(failed)).not.toContain('secret-name');
  });

  it('tells each thing that is wrong with the queue, in the words of its check', async () => {
    api.health.celery = [
      async () => null,
      async () => Promise.reject(new CheckFailed('the consumer is disabled')),
      async () => Promise.reject(new RangeError('10.0.0.1')),
    ];
    expect(await api.call({ path: '/health' })).toMatchObject({
      status: 503,
      body: {
        checks: { database: 'ok', cache: 'ok', celery: 'error' },
        errors: ['celery: the consumer is disabled', 'celery: RangeError'],
      },
    });
  });

  it('is healthy where nothing is queued, and says that', async () => {
    api.health.celery = null;
    expect(await api.call({ path: '/health' })).toMatchObject({
      status: 200,
      body: { status: 'healthy', checks: { database: 'ok', cache: 'ok', celery: 'disabled' } },
    });
  });

  it('gives every check two seconds, side by side', async () => {
    const { promise: never } = Promise.withResolvers<never>();
    api.health.database = () => never;
    api.health.celery = [() => never];
    const asked = api.call({ path: '/health' });
    await api.ports.clock.advance(1999);
    expect(api.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await api.ports.clock.advance(1);
    expect((await asked).body).toMatchObject({
      checks: { database: 'error', cache: 'ok', celery: 'error' },
      errors: ['database: CheckTimeout', 'celery: CheckTimeout'],
    });
    expect(api.ports.clock.nextTimer()).toBeNull();
  });
});
