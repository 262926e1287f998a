import { isInstance } from './is-instance.ts';
import type { TaskError } from './task-record.ts';

const longestType = 100;
const longestMessage = 1000;
const longestStack = 4000;
/** An error's causes, and those that it gathers, are told up to this many in all: a getter can make up ever new ones. */
const mostErrors = 20;

/**
 * What the record keeps of anything thrown, an Error or not, bounded in size and well-formed: a cut may part a surrogate
 * pair, and half of one is no text that a store must take. Never throws itself: a failure that cannot be described could
 * not be recorded, and a class may make of an error's parts whatever it likes.
 */
export function describeError(thrown: unknown, attempt: number): TaskError {
  if (!isInstance(thrown, Error)) {
    return { type: typeof thrown, message: bounded(textOf(thrown), longestMessage), stack: null, attempt };
  }
  const stack = read(() => thrown.stack);
  return {
    type: bounded(textOf(read(() => thrown.name)), longestType) || 'Error',
    message: bounded(messageWithCauses(thrown), longestMessage),
    stack: typeof stack === 'string' ? bounded(stack, longestStack) || null : null,
    attempt,
  };
}

function bounded(text: string, longest: number): string {
  return text.slice(0, longest).toWellFormed();
}

function messageWithCauses(error: Error): string {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [error];
  let message = '';
  while (waiting.length > 0 && seen.size < mostErrors && message.length < longestMessage) {
    const at = waiting.shift();
    if (at === undefined || seen.has(at)) continue;
    seen.add(at);
    const words = bounded(wordsOf(at), longestMessage);
    // An error that was wrapped to change its kind repeats its cause's words.
    if (!message.includes(words)) message += message === '' ? words : `: ${words}`;
    if (isInstance(at, Error)) waiting.push(...behind(at));
  }
  return message;
}

function wordsOf(value: unknown): string {
  return textOf(isInstance(value, Error) ? read(() => value.message) || read(() => value.name) : value);
}

/** What an error says caused it, and the errors that it gathers as an AggregateError of `Promise.any` does. */
function behind(error: Error): unknown[] {
  const found = [read(() => error.cause)];
  read(() => {
    if (!('errors' in error && Array.isArray(error.errors))) return;
    for (const one of error.errors) if (found.push(one) >= mostErrors) return;
  });
  return found;
}

/** A part of an error; empty when reading it throws. */
function read(part: () => unknown): unknown {
  try {
    return part();
  } catch {
    return '';
  }
}

function textOf(value: unknown): string {
  try {
    return String(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
  } catch (error) {
    const name = isInstance(error, Error) ? read(() => error.name) : null;
    return `a thrown value that cannot be shown (${typeof name === 'string' ? name : 'unknown reason'})`;
  }
}
