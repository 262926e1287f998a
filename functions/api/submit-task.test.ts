import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-harness.ts';

let api: Awaited<ReturnType<typeof startApi>>;
let token: string;
beforeEach(async () => {
  api = await startApi();
  token = api.token(['read', 'submit']);
});

const submit = (body: unknown) => api.call({ method: 'POST', path: '/api/v1/tasks', token, body });

describe('POST /api/v1/tasks', () => {
  it('stores the task, sends its message and says where to look', async () => {
    const accepted = await submit({ task: 'test_celery', input: { message: 'hi' }, tags: ['x'] });
    const [record] = api.ports.store.records();
    expect(record).toMatchObject({ task: 'test_celery', tenant: 'acme', tags: ['x'], queue: 'default' });
    expect(accepted).toMatchObject({
      status: 202,
      headers: { location: `/api/v1/tasks/${record?.taskId}`, 'retry-after': '1' },
      body: {
        task_id: record?.taskId,
        state: 'PENDING',
        status_url: `/api/v1/tasks/${record?.taskId}/status`,
      },
    });
    expect(api.ports.queue.depth('default')).toEqual({ visible: 1, hidden: 0 });
  });

  it('sends high priority through the priority queue', async () => {
    await submit({ task: 'test_celery', input: { message: 'hi' }, priority: 'high' });
    expect(api.ports.queue.depth('priority').visible).toBe(1);
    expect(api.ports.queue.depth('default').visible).toBe(0);
  });

  it('takes no input as an empty one', async () => {
    expect((await submit({ task: 'health_check' })).status).toBe(202);
  });

  it('lists the known tasks when asked for another', async () => {
    const refused = await submit({ task: 'nonsense', input: {} });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            path: 'task',
            message:
              'there is no task of this name; known tasks: enrich_location_data, convert_to_geo_raster, apply_georeferencing, probe_raster, test_celery, health_check, count_primes, run_steps, rate_limited_echo, cleanup_old_results',
          },
        ],
      },
    });
    expect(api.ports.store.records()).toEqual([]);
  });

  it.each([
    [{ message: 1 }, ['input.message']],
    [{ message: 'hi', extra: 1, more: 2 }, ['input.extra', 'input.more']],
    [{}, ['input.message']],
    ['hi', ['input']],
    [null, ['input']],
  ])('names what does not fit in the input %j', async (input, paths) => {
    const refused = await submit({ task: 'test_celery', input });
    expect(refused.status).toBe(422);
    expect(refused.body['errors']).toEqual(paths.map((path) => ({ path, message: expect.any(String) })));
    expect(api.ports.store.records()).toEqual([]);
  });

  it('accepts the task although its message could not be sent, and logs why', async () => {
    api.ports.queue.send = async () => Promise.reject(new Error('queue down'));
    const accepted = await submit({ task: 'test_celery', input: { message: 'hi' } });
    expect(accepted.status).toBe(202);
    expect(api.lines).toContainEqual({
      level: 'warn',
      message: 'task accepted, its message will be sent later',
      fields: expect.objectContaining({ task_id: accepted.body['task_id'], tenant: 'acme', caller: 'test' }),
    });
  });

  it('answers 500 and accepts nothing when the record could not be stored', async () => {
    api.ports.store.create = async () => Promise.reject(new Error('store down'));
    expect((await submit({ task: 'test_celery', input: { message: 'hi' } })).status).toBe(500);
    expect(api.ports.queue.depth('default').visible).toBe(0);
  });
});
