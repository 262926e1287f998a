import { beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '#shared/ports/cursor.ts';
import { InvalidCursor } from '#shared/ports/task-store.ts';
import { denver, denverAddress, type LocationWorld, openLocationWorld } from './fixtures/location-world.ts';
import type { Location } from './location.ts';

let world: LocationWorld;
beforeEach(async () => {
  world = await openLocationWorld();
});
const read = () => world.locations.read('acme', 'denver');

describe('a location', () => {
  it('is given back as it was kept, to its own tenant only', async () => {
    await world.keep(denver);
    expect(await read()).toEqual(denver);
    expect(await world.locations.read('acme', 'paris')).toBeNull();
    expect(await world.locations.read('other', 'denver')).toBeNull();
  });

  it('is replaced by the successor of the revision that was read, and no other', async () => {
    await world.keep(denver);
    const enriched: Location = {
      ...denver,
      address: denverAddress,
      elevation: 1609.3,
      elevationSource: 'mapbox',
      revision: 2,
    };
    expect(await world.locations.save(enriched)).toBe(true);
    expect(await read()).toEqual(enriched);
    expect(await world.locations.save({ ...denver, name: 'stale', revision: 2 })).toBe(false);
    expect(await world.locations.save({ ...denver, name: 'ahead', revision: 4 })).toBe(false);
    expect(await read()).toEqual(enriched);
  });

  it('is gone once removed, is removed once, and does not come back', async () => {
    await world.keep(denver);
    expect(await world.locations.remove('other', 'denver')).toBe(false);
    expect(await world.locations.remove('acme', 'denver')).toBe(true);
    expect(await world.locations.remove('acme', 'denver')).toBe(false);
    expect(await world.locations.save({ ...denver, revision: 2 })).toBe(false);
    expect(await read()).toBeNull();
  });
});

describe('a listing', () => {
  const ids = ['a', 'b', 'c', 'd'];
  beforeEach(async () => {
    for (const id of ids) await world.keep({ ...denver, id });
    await world.keep({ ...denver, id: 'b2', tenant: 'acme2' });
    await world.keep({ ...denver, id: 'b3', tenant: 'acm' });
  });

  async function pages(limit: number): Promise<string[][]> {
    const found: string[][] = [];
    for (let cursor: string | undefined, last = false; !last; ) {
      const page = await world.locations.list({ tenant: 'acme', limit, cursor });
      found.push(page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      last = cursor === undefined;
    }
    return found;
  }

  it('has every location of the tenant once, newest first, and ends with the last', async () => {
    expect(await pages(100)).toEqual([['d', 'c', 'b', 'a']]);
    expect(await pages(4)).toEqual([['d', 'c', 'b', 'a']]);
    expect(await pages(3)).toEqual([['d', 'c', 'b'], ['a']]);
    expect(await pages(2)).toEqual([
      ['d', 'c'],
      ['b', 'a'],
    ]);
    expect(await world.locations.list({ tenant: 'nobody', limit: 1 })).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it('goes on where it was, whatever was deleted or added meanwhile', async () => {
    const { nextCursor } = await world.locations.list({ tenant: 'acme', limit: 2 });
    await world.locations.remove('acme', 'c');
    await world.keep({ ...denver, id: 'e' });
    const next = await world.locations.list({ tenant: 'acme', limit: 2, cursor: nextCursor ?? '' });
    expect(next.items.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it.each([
    'x',
    encodeCursor({}),
    encodeCursor({ id: '' }),
    encodeCursor({ id: 'a', pk: 'locations#other' }),
  ])('refuses the cursor %s, which no listing handed out', async (cursor) => {
    await expect(world.locations.list({ tenant: 'acme', limit: 1, cursor })).rejects.toBeInstanceOf(
      InvalidCursor,
    );
  });
});
