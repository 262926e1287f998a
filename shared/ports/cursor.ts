import type * as z from 'zod';
import { InvalidCursor } from './task-store.ts';

/** Packs a position into the opaque text that a caller hands back for the next page. */
export function encodeCursor(position: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Unpacks a cursor; throws InvalidCursor for a text that `encodeCursor` did not make from such a position. */
export function decodeCursor<Position>(schema: z.ZodType<Position>, cursor: string): Position {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    throw new InvalidCursor('the cursor is not one that this listing handed out', { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new InvalidCursor('the cursor belongs to another listing', { cause: parsed.error });
  }
  return parsed.data;
}
