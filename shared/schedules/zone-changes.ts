/** An instant at which a zone's clocks are put forward: the local times in between do not exist. */
export interface ZoneGap {
  /** The first instant after the gap, in milliseconds since the epoch. */
  readonly at: number;
  /** Minutes ahead of UTC before and after. */
  readonly before: number;
  readonly after: number;
}

/** How a zone's clocks go. */
export interface ZoneChanges {
  /** Every distance from UTC, in minutes ahead of it. */
  readonly offsets: readonly number[];
  readonly gaps: readonly ZoneGap[];
}

const minute = 60_000;
const day = 1440 * minute;

// Fixed, so that the same code always gives the same template. Zone tables list changes until 2037; what a country
// decides later comes with a newer Node.
const firstDay = Date.UTC(2025, 0, 1);
const lastDay = Date.UTC(2038, 0, 1);

/** The offsets and gaps of an IANA zone from 2025 to 2037. Throws RangeError for a zone that nobody knows. */
export function zoneChanges(timeZone: string): ZoneChanges {
  const offsetAt = offsetsOf(timeZone);
  const offsets = new Set([offsetAt(firstDay)]);
  const gaps: ZoneGap[] = [];
  for (let at = firstDay; at < lastDay; at += day) {
    const [before, after] = [offsetAt(at), offsetAt(at + day)];
    offsets.add(after);
    if (after > before) gaps.push({ at: findChange(offsetAt, at), before, after });
  }
  return { offsets: [...offsets], gaps };
}

/** The minute at which the offset changes within the day after `from`. */
function findChange(offsetAt: (at: number) => number, from: number): number {
  let [before, after] = [from, from + day];
  while (after - before > minute) {
    const middle = before + Math.floor((after - before) / minute / 2) * minute;
    if (offsetAt(middle) === offsetAt(from)) before = middle;
    else after = middle;
  }
  return after;
}

function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  return (at) => {
    const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(at)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
}
