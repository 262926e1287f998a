import { createHash } from 'node:crypto';
import * as z from 'zod';
import { nullableWhole, text, whole } from '#shared/plain-schemas.ts';
import { scopeNames } from './scopes.ts';

/** A token as the table keeps it: its hash in the key, never the token itself. Times in milliseconds since the epoch. */
export const tokenItem = z.object({
  pk: z.string().startsWith('token#'),
  sk: z.literal('token'),
  name: text,
  scopes: z.array(z.enum(scopeNames)),
  tenant: text,
  createdAt: whole,
  expiresAt: nullableWhole,
});

/** See {@link tokenItem}. */
export type TokenItem = z.output<typeof tokenItem>;

/** Whether a text could be a token: `cel_` and 32 bytes in base64url. */
export function isToken(text: string): boolean {
  return /^cel_[A-Za-z0-9_-]{43}$/.test(text);
}

/** What a token is known by: the SHA-256 of its text, hexadecimal. Tokens are random, so no salt is needed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The key of a token's item. */
export function tokenKey(hash: string): { pk: string; sk: 'token' } {
  return { pk: `token#${hash}`, sk: 'token' };
}
