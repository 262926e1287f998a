import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import type { Clock } from '#shared/ports/clock.ts';
import { healthRoute } from './routes.ts';

/** What is checked: each throws when what it names cannot be reached. */
export interface HealthChecks {
  readonly database: () => Promise<unknown>;
  /** The payload store, which holds what Celery would keep in its result backend. */
  readonly cache: () => Promise<unknown>;
  /** The queue. */
  readonly celery: () => Promise<unknown>;
}

/** Milliseconds that one check may take before it counts as failed. */
const checkLimit = 2000;

/** See {@link healthRoute}. Everybody may ask, so errors name the check and the kind of error only; the log tells more. */
export function checkHealth(checks: HealthChecks, clock: Clock): RouteHandler {
  return implementRoute(healthRoute, async ({ log }) => {
    const run = async (name: keyof HealthChecks): Promise<string | null> => {
      try {
        await within(checkLimit, clock, checks[name]);
        return null;
      } catch (error) {
        log.error('health check failed', { check: name, error });
        return `${name}: ${error instanceof Error ? error.name : 'Error'}`;
      }
    };
    const [database, cache, celery] = await Promise.all([run('database'), run('cache'), run('celery')]);
    const errors = [database, cache, celery].filter((error) => error !== null);
    const healthy = errors.length === 0;
    return {
      status: healthy ? 200 : 503,
      body: {
        status: healthy ? 'healthy' : 'unhealthy',
        checks: { database: outcome(database), cache: outcome(cache), celery: outcome(celery) },
        ...(!healthy && { errors }),
        timestamp: new Date(clock.now()).toISOString(),
      },
    };
  });
}

function outcome(error: string | null): 'ok' | 'error' {
  return error === null ? 'ok' : 'error';
}

class CheckTimeout extends Error {
  override name = 'CheckTimeout';
}

async function within(ms: number, clock: Clock, check: () => Promise<unknown>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () => reject(new CheckTimeout(`no answer within ${ms} ms`)));
  try {
    await Promise.race([check(), promise]);
  } finally {
    cancel();
  }
}
