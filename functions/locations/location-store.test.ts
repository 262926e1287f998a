import { beforeEach, describe, expect, it } from 'vitest';
import { createPipelineTable } from '#shared/contracts/create-pipeline-table.ts';
import { emulatedDynamoDb } from '#shared/contracts/emulator-clients.ts';
import type { Location } from './location.ts';
import { createLocationStore, type LocationStore } from './location-store.ts';

const denver: Location = {
  id: 'denver',
  tenant: 'acme',
  name: 'Denver',
  latitude: 39.739236,
  longitude: -104.984862,
  elevation: null,
  elevationSource: null,
  address: null,
  createdAt: 1,
  updatedAt: 1,
  revision: 1,
};

let store: LocationStore;
beforeEach(async () => {
  const client = emulatedDynamoDb();
  store = createLocationStore(client, await createPipelineTable(client));
});

describe('location store', () => {
  it('gives back what it was given, and null for what it was not', async () => {
    await store.create(denver);
    expect(await store.read('denver')).toEqual(denver);
    expect(await store.read('paris')).toBeNull();
  });

  it('replaces the revision that was read, and no other', async () => {
    await store.create(denver);
    const address = {
      formatted_address: 'Denver',
      locality: 'Denver',
      administrative_area: null,
      country: null,
    };
    const enriched: Location = {
      ...denver,
      address,
      elevation: 1609.3,
      elevationSource: 'mapbox',
      revision: 2,
    };
    expect(await store.save(enriched)).toBe(true);
    expect(await store.read('denver')).toEqual(enriched);
    expect(await store.save({ ...denver, name: 'stale', revision: 2 })).toBe(false);
    expect(await store.save({ ...denver, name: 'ahead', revision: 4 })).toBe(false);
    expect(await store.read('denver')).toEqual(enriched);
  });

  it('does not bring back a location that is gone', async () => {
    expect(await store.save({ ...denver, revision: 2 })).toBe(false);
    expect(await store.read('denver')).toBeNull();
  });
});
