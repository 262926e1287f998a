import * as z from 'zod';
import { type FieldFault, validationProblem } from '#functions/runtime/problem.ts';
import { timings } from '#shared/lifecycle/timings.ts';
import type { Submission } from '#shared/pipeline/submit.ts';

const longestDelay = timings.longestDelay / 1000;
/** A task that is put off for as long as it may be can expire too. */
const longestExpiry = 2 * longestDelay;
const day = 86_400;

const countdownWords = `must be a number of seconds from 0 to ${longestDelay} (${longestDelay / day} days)`;
const etaWords = 'must be an ISO-8601 time with its offset, for example 2026-11-21T09:30:00+01:00';
const expiresWords =
  'must be a number of seconds, or an ISO-8601 time with its offset, for example 2026-11-21T09:30:00+01:00';

const moment = (words: string) => z.iso.datetime({ offset: true, error: words });

/** When a task may run, as a submission says it; kept as sent, because that is what makes two requests the same. */
export const timeFields = {
  /** Seconds from now, whole or not. */
  countdown: z.number(countdownWords).min(0, countdownWords).max(longestDelay, countdownWords).nullish(),
  eta: moment(etaWords).nullish(),
  /** Seconds from now, or a time. */
  expires: z.union([z.number(), moment(expiresWords)], expiresWords).nullish(),
};

const submissionTimes = z.object(timeFields);

/** See {@link timeFields}. */
export type SubmissionTimes = z.output<typeof submissionTimes>;

/**
 * The times of a submission that arrives at `now`, in milliseconds since the epoch; null where it names none. An eta in
 * the past is kept and means at once. Throws a Problem (422) that names every field that does not fit, and the fix.
 */
export function readTimes(
  { countdown = null, eta = null, expires = null }: SubmissionTimes,
  now: number,
): Required<Pick<Submission, 'eta' | 'startBy'>> {
  const faults: FieldFault[] = [];
  if (countdown !== null && eta !== null) {
    faults.push({ path: 'eta', message: 'give either countdown or eta, not both' });
  }
  const runsAt = countdown === null ? timeOf(eta, now) : timeOf(countdown, now);
  if (runsAt !== null && runsAt > now + timings.longestDelay) {
    faults.push({ path: 'eta', message: `must be at most ${longestDelay / day} days ahead` });
  }
  const startBy = timeOf(expires, now);
  if (startBy !== null) {
    if (startBy <= now) faults.push({ path: 'expires', message: 'must be later than now: it has passed' });
    else if (runsAt !== null && startBy <= runsAt) {
      const start = new Date(runsAt).toISOString();
      faults.push({ path: 'expires', message: `must be later than the start of the task, ${start}` });
    }
    if (startBy > now + longestExpiry * 1000) {
      const message = `must be at most ${longestExpiry / day} days ahead; leave it out for a task that never expires`;
      faults.push({ path: 'expires', message });
    }
  }
  if (faults.length > 0) throw validationProblem(faults);
  return { eta: runsAt, startBy };
}

/** Nobody's clock began before 1970, and years below 0 have no place in an ISO time of ours. */
function timeOf(given: number | string | null, now: number): number | null {
  if (given === null) return null;
  return Math.max(0, typeof given === 'number' ? Math.round(now + given * 1000) : Date.parse(given));
}
