import * as z from 'zod';

/** Where a page of due tasks ended; the order is `wakeAt`, then `taskId`. */
export const dueCursor = z.strictObject({ taskId: z.string().min(1), wakeAt: z.int() });
