import type { TaskError } from './task-record.ts';

const longestMessage = 1000;
const longestStack = 4000;

/**
 * What the record keeps of anything thrown, an Error or not, bounded in size and well-formed: a cut may part a surrogate
 * pair, and half of one is no text that a store must take. Never throws itself.
 */
export function describeError(thrown: unknown, attempt: number): TaskError {
  if (thrown instanceof Error) {
    return {
      // A class may set name and stack to anything; a failure that cannot be described could not be recorded.
      type: bounded(textOf(thrown.name), 100) || 'Error',
      message: bounded(messageWithCauses(thrown), longestMessage),
      stack: typeof thrown.stack === 'string' ? bounded(thrown.stack, longestStack) : null,
      attempt,
    };
  }
  return { type: typeof thrown, message: bounded(textOf(thrown), longestMessage), stack: null, attempt };
}

function bounded(text: string, longest: number): string {
  return text.slice(0, longest).toWellFormed();
}

function messageWithCauses(error: Error): string {
  const seen = new Set<unknown>();
  let message = '';
  for (let at: unknown = error; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const words = textOf(at instanceof Error ? at.message || at.name : at);
    // An error that was wrapped to change its kind repeats its cause's words.
    if (!message.includes(words)) message += message === '' ? words : `: ${words}`;
    at = at instanceof Error ? at.cause : undefined;
  }
  return message;
}

function textOf(value: unknown): string {
  try {
    return String(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  } catch (error) {
    return `a thrown value that cannot be shown (${error instanceof Error ? error.name : 'unknown reason'})`;
  }
}
