import * as z from 'zod';

/** What a thread takes and gives: it checks what it is given, and its parent what it answers. Values must survive a structured clone. */
export interface ThreadSpec<Input = unknown, Output = unknown> {
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
}

/**
 * What a thread is born with. It knows itself by this, never by `isMainThread`: on a laptop the function is a thread too.
 */
export const threadBirth = z.object({ kind: z.literal('celeriac-thread'), input: z.unknown() });

/** See {@link threadBirth}. */
export type ThreadBirth = z.infer<typeof threadBirth>;

/** From the thread: how far it is, and in the end what came of it, as its last message. */
export const threadMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), percent: z.number(), status: z.string() }),
  z.object({ kind: z.literal('returned'), value: z.unknown() }),
  z.object({
    kind: z.literal('threw'),
    name: z.string(),
    message: z.string(),
    stack: z.string().nullable(),
    /** Whether it was a PermanentError: classes do not survive the journey. */
    permanent: z.boolean(),
  }),
]);

/** See {@link threadMessage}. */
export type ThreadMessage = z.infer<typeof threadMessage>;
