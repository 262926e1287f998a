import type { Scope } from './scopes.ts';
import { hashToken, type TokenItem, tokenKey } from './token-item.ts';

/** A token to be made. */
export interface NewToken {
  /** Tells people whose token it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tenant: string;
  /** Milliseconds since the epoch. @default never */
  readonly expiresAt?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Cryptographically random bytes, for example `randomBytes` of node:crypto. */
  randomBytes(size: number): Uint8Array;
}

/** Makes a token: `token` is shown once to whoever asked, `item` is what gets stored. */
export function createToken(wanted: NewToken): { token: string; item: TokenItem } {
  const { name, scopes, tenant, expiresAt = null, now } = wanted;
  if (scopes.length === 0) throw new Error(`token "${name}" needs at least one scope`);
  const token = `cel_${Buffer.from(wanted.randomBytes(32)).toString('base64url')}`;
  const key = tokenKey(hashToken(token));
  return { token, item: { ...key, name, scopes: [...scopes], tenant, createdAt: now, expiresAt } };
}
