import type { Scope } from './scopes.ts';
import { hashToken, isToken, type TokenItem } from './token-item.ts';
import type { TokenStore } from './token-store.ts';

/** Who asks: whose tasks it may see and what it may do. */
export interface Caller {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** The token's name, for logs. */
  readonly name: string;
}

/** The caller of routes that ask for no token. */
export const anonymous: Caller = { tenant: '', scopes: [], name: 'anonymous' };

/** Finds the caller of an Authorization header; null for every way in which it fails, so that none can be told apart. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller | null>;

/** What authentication needs: the tokens, the time, and how much it may remember. */
export interface AuthenticateOptions {
  readonly tokens: Pick<TokenStore, 'get'>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** How long an answer of the store is trusted: a revoked token may still be used this long. @default 60 000 ms */
  readonly keepMs?: number;
  /** How many answers are remembered; the oldest go first. @default 1000 */
  readonly capacity?: number;
}

interface Remembered {
  readonly item: TokenItem | null;
  readonly until: number;
}

/**
 * Authenticates bearer tokens (RFC 6750) against the store. Answers, negative ones too, are remembered inside the
 * function, so that a busy or a wrong token does not cost a read each time. Throws only what the store throws.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { tokens, now, keepMs = 60_000, capacity = 1000 } = options;
  const remembered = new Map<string, Remembered>();

  async function find(hash: string): Promise<TokenItem | null> {
    const known = remembered.get(hash);
    if (known && known.until > now()) return known.item;
    const item = await tokens.get(hash);
    remembered.delete(hash);
    remembered.set(hash, { item, until: now() + keepMs });
    const [oldest] = remembered.keys();
    if (remembered.size > capacity && oldest !== undefined) remembered.delete(oldest);
    return item;
  }

  return async (authorization) => {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || !isToken(token)) return null;
    const item = await find(hashToken(token));
    if (item === null || (item.expiresAt !== null && item.expiresAt <= now())) return null;
    return { tenant: item.tenant, scopes: item.scopes, name: item.name };
  };
}
