import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosLaptop } from './chaos-laptop.ts';

/** A definite answer of the API: anything below 500. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Tries before this one that may have done what was asked: a 5xx, a cut connection. */
  readonly unsure: number;
}

/** A request to the API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly tenant: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks until the API gives a definite answer, restarts of the cloud included. Throws after a minute without one. */
export type PatientClient = (request: ApiRequest) => Promise<ApiAnswer>;

const giveUpAfterMs = 60_000;
const answerWithinMs = 35_000;
const pauseMs = 100;

/** A client that lives through what chaos does to the API; it stops asking when `signal` aborts. */
export function createPatientClient(
  laptop: Pick<ChaosLaptop, 'up' | 'token'>,
  signal: AbortSignal,
): PatientClient {
  return async ({ method, path, tenant, body, headers }) => {
    const until = Date.now() + giveUpAfterMs;
    for (let unsure = 0; ; unsure++) {
      const { url } = await laptop.up();
      const answer = await ask(url + path, {
        method,
        headers: {
          authorization: `Bearer ${laptop.token(tenant)}`,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
      });
      signal.throwIfAborted();
      if (answer instanceof Response && answer.status < 500) {
        return { status: answer.status, body: await answer.json(), unsure };
      }
      if (Date.now() > until) {
        const last =
          answer instanceof Response ? `answered ${answer.status}: ${await answer.text()}` : String(answer);
        throw new Error(`${method} ${path} had no definite answer within a minute; the last: ${last}`);
      }
      await pause(pauseMs, undefined, { signal });
    }
  };
}

/** The answer, or why there is none. */
async function ask(url: string, request: RequestInit): Promise<Response | Error> {
  try {
    return await fetch(url, request);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
