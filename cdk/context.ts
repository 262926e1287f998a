import type * as z from 'zod';

/** Thrown for a context name or value that does not exist; the message names those that do. */
export class InvalidContext extends Error {
  override name = 'InvalidContext';
}

/**
 * One of a few words.
 * @throws InvalidContext naming them all
 */
export function oneOf<Value extends string>(
  known: z.ZodType<Value> & { readonly options: readonly Value[] },
  name: string,
  given: unknown,
): Value {
  const parsed = known.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidContext(
    `${name} ${JSON.stringify(given)} is unknown: give -c ${name}= one of ${known.options.join(', ')}`,
  );
}

/**
 * A text of a shape, null when none is given.
 * @param fix what to give instead, as in `the name of a policy`
 * @throws InvalidContext for any other value
 */
export function matching(shape: z.ZodType<string>, name: string, given: unknown, fix: string): string | null {
  if (given === undefined) return null;
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidContext(`${name} ${JSON.stringify(given)} does not fit: give -c ${name}= ${fix}`);
}

/** CDK's own names hold a colon, a slash or a dash; a plain word was meant for us. */
const plainWord = /^\w+$/;

/**
 * Refuses context that nobody reads, such as `-c stge=prod`, which would deploy dev.
 * @param given everything that the app's context holds
 * @throws InvalidContext naming what is read
 */
export function refuseUnknownContext(given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!plainWord.test(name) || known.includes(name)) continue;
    throw new InvalidContext(`-c ${name}= is unknown: the names that count are ${known.join(', ')}`);
  }
}
