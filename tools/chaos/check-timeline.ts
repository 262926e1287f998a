import type { ToldTask } from './read-tasks.ts';

type Entry = ToldTask['timeline'][number];

/** What a state may be followed by. A report of progress is no entry of its own. */
const followers: Readonly<Record<string, readonly string[]>> = {
  PENDING: ['STARTED', 'CANCELLED'],
  STARTED: ['STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'CANCELLED'],
  RETRY: ['STARTED', 'CANCELLED'],
  FAILURE: ['PENDING'],
  CANCELLED: ['PENDING'],
  SUCCESS: [],
};

/** What a taken-over claim says of the worker before. */
export const lostWorker = 'the worker before was lost';

/** The most entries that a record keeps: beyond it, entries are missing after those that open an epoch. */
const longest = 50;

/** What is wrong in a task's history, in words; empty when it holds together and fits the task's state. */
export function timelineFaults({ timeline, state, attempts, max_attempts, epoch }: ToldTask): string[] {
  const faults: string[] = [];
  const [first] = timeline;
  if (first?.state !== 'PENDING' || first.epoch !== 1)
    faults.push('its history does not begin with its submission');
  const last = timeline.at(-1);
  if (last?.state !== (state === 'PROGRESS' ? 'STARTED' : state))
    faults.push(`it is ${state}, and its history ends ${last?.state}`);
  if (last?.epoch !== epoch) faults.push(`it is in epoch ${epoch}, and its history ends in ${last?.epoch}`);
  if (attempts > max_attempts) faults.push(`${attempts} attempts of ${max_attempts}`);
  for (const [index, entry] of timeline.entries()) {
    const before = timeline[index - 1];
    if (before === undefined) continue;
    const mayMiss = timeline.length === longest && opensEpoch(before);
    if (!mayMiss) faults.push(...stepFaults(before, entry));
    if (entry.attempt > max_attempts)
      faults.push(`attempt ${entry.attempt} of ${max_attempts} in epoch ${entry.epoch}`);
  }
  return faults;
}

function opensEpoch({ state, attempt }: Entry): boolean {
  return state === 'PENDING' && attempt === 0;
}

function stepFaults(before: Entry, entry: Entry): string[] {
  const faults: string[] = [];
  const step = `${before.state} → ${entry.state}`;
  const opens = opensEpoch(entry);
  // A long task goes on in a fresh invocation: PENDING, in the same attempt.
  const putsOff = before.state === 'STARTED' && entry.state === 'PENDING' && !opens;
  if (!putsOff && !followers[before.state]?.includes(entry.state)) faults.push(step);
  if (Date.parse(entry.at) < Date.parse(before.at)) faults.push(`${step} goes back in time`);
  if (entry.epoch !== before.epoch + (opens ? 1 : 0))
    faults.push(`${step}: epoch ${before.epoch} → ${entry.epoch}`);
  const takenOver = before.state === 'STARTED' && entry.state === 'STARTED';
  if (takenOver !== (entry.detail === lostWorker))
    faults.push(`${step}: ${entry.detail ?? 'no reason given'}`);
  const goesOn = before.state === 'PENDING' && !opensEpoch(before);
  const begun = entry.state === 'STARTED' && !takenOver && !goesOn ? 1 : 0;
  const expected = opens ? 0 : before.attempt + begun;
  if (entry.attempt !== expected) faults.push(`${step}: attempt ${before.attempt} → ${entry.attempt}`);
  return faults;
}
