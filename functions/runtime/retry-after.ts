/** The longest wait that is honoured, in seconds (a day): a broken header must not park a task for ever. */
export const LONGEST_RETRY_AFTER = 86_400;

const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Reads a Retry-After header, delay-seconds or any of the three HTTP date forms (RFC 9110, 10.2.3 and 5.6.7).
 * Gives whole seconds from 0 to a day, rounded up so that nothing is sent early; null when the header is
 * absent or unreadable.
 */
export function parseRetryAfter(header: string | null, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), LONGEST_RETRY_AFTER);
  // Date.parse takes nearly anything for a date ("1.5" is a day of 2001), so the form is checked first.
  if (!HTTP_DATE.test(text)) return null;
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  if (Number.isNaN(at)) return null;
  const seconds = Math.ceil((at - now.getTime()) / 1000);
  return Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER);
}
