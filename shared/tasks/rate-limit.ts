/** How many attempts of a task may start in which time. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

const periods = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const rateText = /^([1-9]\d{0,5})\/([smh])$/;

/**
 * Reads a rate limit as Celery writes it: `10/m` is ten a minute; `s` and `h` are a second and an hour. Throws TypeError
 * for anything else. Source: Celery, Task.rate_limit.
 */
export function parseRate(text: string): Rate {
  const [, count, unit] = rateText.exec(text) ?? [];
  if (count === undefined || (unit !== 's' && unit !== 'm' && unit !== 'h')) {
    throw new TypeError(`"${text}" is no rate: write a number, a slash and s, m or h, for example 10/m`);
  }
  return { count: Number(count), periodMs: periods[unit] };
}
