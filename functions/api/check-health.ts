import { implementRoute, type RouteHandler } from '#functions/runtime/implement-route.ts';
import type { Clock } from '#shared/ports/clock.ts';
import { healthRoute } from './routes.ts';

/** Throws when something is wrong: CheckFailed to say in public what, anything else to be known by its name only. */
export type Check = () => Promise<unknown>;

/** What is checked. */
export interface HealthChecks {
  readonly database: Check;
  /** The payload store, which holds what Celery would keep in its result backend. */
  readonly cache: Check;
  /** That what is queued is run; null where nothing is queued, because the API itself has the work done. */
  readonly celery: readonly Check[] | null;
}

/** Thrown by a check that knows what is wrong; the message is shown to everybody. */
export class CheckFailed extends Error {
  override name = 'CheckFailed';
}

/** Milliseconds that one check may take before it counts as failed. */
const checkLimit = 2000;

/** See {@link healthRoute}. Everybody may ask, so errors name the check and a reason without any of the inside; the log tells more. */
export function checkHealth(checks: HealthChecks, clock: Clock): RouteHandler {
  return implementRoute(healthRoute, async ({ log }) => {
    const run = async (name: keyof HealthChecks, ...all: readonly Check[]): Promise<readonly string[]> => {
      const outcomes = await Promise.allSettled(all.map((check) => within(checkLimit, clock, check)));
      return outcomes.flatMap((outcome) => {
        if (outcome.status === 'fulfilled') return [];
        log.error('health check failed', { check: name, error: outcome.reason });
        return [`${name}: ${publicReason(outcome.reason)}`];
      });
    };
    const [database, cache, celery] = await Promise.all([
      run('database', checks.database),
      run('cache', checks.cache),
      run('celery', ...(checks.celery ?? [])),
    ]);
    const errors = [...database, ...cache, ...celery];
    const healthy = errors.length === 0;
    return {
      status: healthy ? 200 : 503,
      body: {
        status: healthy ? 'healthy' : 'unhealthy',
        checks: {
          database: outcome(database),
          cache: outcome(cache),
          celery: checks.celery === null ? 'disabled' : outcome(celery),
        },
        ...(!healthy && { errors }),
        timestamp: new Date(clock.now()).toISOString(),
      },
    };
  });
}

function outcome(errors: readonly string[]): 'ok' | 'error' {
  return errors.length === 0 ? 'ok' : 'error';
}

function publicReason(error: unknown): string {
  if (error instanceof CheckFailed) return error.message;
  return error instanceof Error ? error.name : 'Error';
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
