import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '#shared/contracts/emulator-clients.ts';
import { createAuthenticate } from './authenticate.ts';
import { createToken } from './create-token.ts';
import { allows, type Scope } from './scopes.ts';
import { hashToken, type TokenItem } from './token-item.ts';
import { createTokenStore } from './token-store.ts';

const start = Date.UTC(2026, 0, 1);
let seed = 0;

function newToken(more: { expiresAt?: number; scopes?: Scope[]; tenant?: string } = {}) {
  const randomBytes = (size: number) => new Uint8Array(size).fill(++seed);
  return createToken({ name: 'ci', scopes: ['read'], tenant: 'acme', now: start, randomBytes, ...more });
}

describe('createToken', () => {
  it('shows the token once and stores its hash only', () => {
    const { token, item } = newToken({ scopes: ['submit', 'read'] });
    expect(token).toMatch(/^cel_[A-Za-z0-9_-]{43}$/);
    expect(item).toEqual({
      pk: `token#${hashToken(token)}`,
      sk: 'token',
      name: 'ci',
      scopes: ['submit', 'read'],
      tenant: 'acme',
      createdAt: start,
      expiresAt: null,
    });
    expect(JSON.stringify(item)).not.toContain(token.slice(4));
  });

  it('refuses a token that allows nothing', () => {
    expect(() => newToken({ scopes: [] })).toThrow('token "ci" needs at least one scope');
  });

  it.each(['', 'ACME Corp', 'übung', 'x'.repeat(129)])(
    'refuses the tenant "%s": no queue would',
    (tenant) => {
      expect(() => newToken({ tenant })).toThrow(`tenant "${tenant}" must be 1–128 ASCII characters`);
    },
  );
});

describe('allows', () => {
  it.each<[Scope, Scope[]]>([
    ['read', ['read']],
    ['submit', ['submit']],
    ['operate', ['read', 'submit', 'operate']],
    ['admin', ['read', 'submit', 'operate', 'admin']],
  ])('%s allows %j', (scope, allowed) => {
    const every: Scope[] = ['read', 'submit', 'operate', 'admin'];
    expect(every.filter((needed) => allows([scope], needed))).toEqual(allowed);
  });
});

describe('createAuthenticate', () => {
  let now: number;
  let asked: string[];
  let stored: Map<string, TokenItem>;
  beforeEach(() => {
    now = start;
    asked = [];
    stored = new Map();
  });
  const tokens = {
    async get(hash: string) {
      asked.push(hash);
      return stored.get(hash) ?? null;
    },
  };
  const authenticator = (capacity = 1000) => createAuthenticate({ tokens, now: () => now, capacity });
  const store = (made: { token: string; item: TokenItem }) => {
    stored.set(hashToken(made.token), made.item);
    return `Bearer ${made.token}`;
  };

  it('finds the caller; the scheme is not case-sensitive', async () => {
    const header = store(newToken());
    const caller = { tenant: 'acme', scopes: ['read'], name: 'ci' };
    expect(await authenticator()(header)).toEqual(caller);
    expect(await authenticator()(header.replace('Bearer', 'bearer'))).toEqual(caller);
  });

  it.each([undefined, '', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer cel_${'a'.repeat(42)}`, 'cel_x'])(
    'knows without asking that %j is no token',
    async (header) => {
      expect(await authenticator()(header)).toBeNull();
      expect(asked).toEqual([]);
    },
  );

  it('asks again for a known and for an unknown token only after a minute', async () => {
    const known = store(newToken());
    const unknown = `Bearer ${newToken().token}`;
    const authenticate = authenticator();
    for (const header of [known, unknown]) {
      asked = [];
      await authenticate(header);
      now += 59_999;
      await authenticate(header);
      expect(asked).toHaveLength(1);
      now += 1;
      await authenticate(header);
      expect(asked).toHaveLength(2);
    }
  });

  it('sees a revoked token within a minute', async () => {
    const header = store(newToken());
    const authenticate = authenticator();
    expect(await authenticate(header)).not.toBeNull();
    stored.clear();
    now += 60_000;
    expect(await authenticate(header)).toBeNull();
  });

  it('refuses an expired token although it is remembered', async () => {
    const header = store(newToken({ expiresAt: start + 1000 }));
    const authenticate = authenticator();
    now = start + 999;
    expect(await authenticate(header)).not.toBeNull();
    now = start + 1000;
    expect(await authenticate(header)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('remembers no more than its capacity, forgetting the oldest answer', async () => {
    const headers = [newToken(), newToken(), newToken()].map(store);
    const authenticate = authenticator(2);
    for (const header of headers) await authenticate(header);
    asked = [];
    await authenticate(headers[2]);
    await authenticate(headers[1]);
    expect(asked).toHaveLength(0);
    await authenticate(headers[0]);
    expect(asked).toHaveLength(1);
  });

  it('does not remember that the store failed', async () => {
    const header = store(newToken());
    const get = tokens.get;
    let broken = true;
    const failing = { get: async (hash: string) => (broken ? Promise.reject(new Error('down')) : get(hash)) };
    const authenticate = createAuthenticate({ tokens: failing, now: () => now });
    await expect(authenticate(header)).rejects.toThrow('down');
    broken = false;
    expect(await authenticate(header)).not.toBeNull();
  });
});

describe('createTokenStore', () => {
  it('gives back what it stored, and null for what it did not', async () => {
    const client = emulatedDynamoDb();
    const tokens = createTokenStore(client, await createPipelineTable(client));
    const { token, item } = newToken({ expiresAt: start + 5 });
    await tokens.put(item);
    expect(await tokens.get(hashToken(token))).toEqual(item);
    expect(await tokens.get(hashToken('cel_other'))).toBeNull();
    await expect(tokens.put(item)).rejects.toThrow('The conditional request failed');
  });
});
