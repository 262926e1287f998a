import * as z from 'zod';

const envelope = z.object({
  v: z.literal(1),
  taskId: z.string().min(1),
  epoch: z.int().min(1),
  /** Set on dead letters: the message opens `epoch` on a task that failed in the one before. */
  dead: z.literal(true).optional(),
  error: z.object({ type: z.string(), message: z.string() }).optional(),
});

/** What travels through a queue: a hint to look at a task, never the truth about it. */
export type TaskMessage = z.output<typeof envelope>;

/** Reads a message body; the reason says which part is wrong, for the dead-letter queue. */
export function parseMessage(body: string): { message: TaskMessage } | { unreadable: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    // The error's own words quote the body, and the reason is logged.
    if (error instanceof SyntaxError) return { unreadable: 'the body is not JSON' };
    throw error;
  }
  const parsed = envelope.safeParse(json);
  return parsed.success ? { message: parsed.data } : { unreadable: z.prettifyError(parsed.error) };
}
