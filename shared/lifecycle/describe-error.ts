import type { TaskError } from './task-record.ts';

const longestMessage = 1000;
const longestStack = 4000;

/** What the record keeps of anything thrown, an Error or not, bounded in size; never throws itself. */
export function describeError(thrown: unknown, attempt: number): TaskError {
  if (thrown instanceof Error) {
    return {
      type: thrown.name.slice(0, 100) || 'Error',
      message: messageWithCauses(thrown).slice(0, longestMessage),
      stack: thrown.stack?.slice(0, longestStack) ?? null,
      attempt,
    };
  }
  return { type: typeof thrown, message: textOf(thrown).slice(0, longestMessage), stack: null, attempt };
}

function messageWithCauses(error: Error): string {
  const seen = new Set<unknown>();
  let message = '';
  for (let at: unknown = error; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const words = at instanceof Error ? at.message || at.name : textOf(at);
    // An error that was wrapped to change its kind repeats its cause's words.
    if (!message.includes(words)) message += message === '' ? words : `: ${words}`;
    at = at instanceof Error ? at.cause : undefined;
  }
  return message;
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch (error) {
    return `a thrown value that cannot be shown (${error instanceof Error ? error.name : 'unknown reason'})`;
  }
}
