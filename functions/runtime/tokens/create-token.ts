import type { Scope } from './scopes.ts';
import { hashToken, type TokenItem, tokenKey } from './token-item.ts';

/** A token to be made. */
export interface NewToken {
  /** Tells people whose token it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** 1–128 ASCII characters without spaces: it is the group of its tasks' messages. */
  readonly tenant: string;
  /** Milliseconds since the epoch. @default never */
  readonly expiresAt?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Cryptographically random bytes, for example `randomBytes` of node:crypto. */
  randomBytes(size: number): Uint8Array;
}

// Source: Amazon SQS, SendMessage, MessageGroupId: letters, digits and ASCII punctuation.
const tenantPattern = /^[!-~]{1,128}$/;

/** Makes a token: `token` is shown once to whoever asked, `item` is what gets stored. */
export function createToken(wanted: NewToken): { token: string; item: TokenItem } {
  const { name, scopes, tenant, expiresAt = null, now } = wanted;
  if (scopes.length === 0) throw new Error(`token "${name}" needs at least one scope`);
  if (!tenantPattern.test(tenant)) {
    throw new Error(
      `tenant "${tenant}" must be 1–128 ASCII characters without spaces, or no queue takes its tasks' messages`,
    );
  }
  const token = `cel_${Buffer.from(wanted.randomBytes(32)).toString('base64url')}`;
  const key = tokenKey(hashToken(token));
  return { token, item: { ...key, name, scopes: [...scopes], tenant, createdAt: now, expiresAt } };
}
