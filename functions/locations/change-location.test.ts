import { describe, expect, it } from 'vitest';
import { changeLocation } from './change-location.ts';
import { denver, denverAddress, enriched, given, paris } from './fixtures/location-world.ts';
import type { Location, LocationChange } from './location.ts';

const groundOf = ({ elevation, elevationSource }: Location) => ({ elevation, elevationSource });
const none = { elevation: null, elevationSource: null };

/** What becomes of the location, and whether Mapbox is asked. */
function change(current: Location, wished: LocationChange) {
  const changed = changeLocation(current, wished, 7);
  if (changed === null) return null;
  const { revision, updatedAt, ...next } = changed.next;
  expect({ revision, updatedAt }).toEqual({ revision: current.revision + 1, updatedAt: 7 });
  return { ...next, asks: changed.needsEnrichment };
}

describe('a change of place', () => {
  it.each([{ latitude: paris.latitude }, { longitude: paris.longitude }, paris])(
    'forgets address and Mapbox elevation, and asks anew: %o',
    (place) => {
      expect(change(enriched, place)).toMatchObject({ ...place, ...none, address: null, asks: true });
    },
  );

  it('keeps a given elevation', () => {
    expect(change(given, paris)).toMatchObject({ ...paris, ...groundOf(given), address: null, asks: true });
  });

  it('takes an elevation that comes with it, or forgets the given one', () => {
    expect(change(enriched, { ...paris, elevation: 35 })).toMatchObject({
      elevation: 35,
      elevationSource: 'given',
    });
    expect(change(given, { ...paris, elevation: null })).toMatchObject({ ...none, asks: true });
  });
});

describe('a change in place', () => {
  it('of the name keeps the rest and asks nothing', () => {
    const { revision: _, updatedAt: __, ...rest } = enriched;
    expect(change(enriched, { name: 'Yard' })).toEqual({ ...rest, name: 'Yard', asks: false });
  });

  it('of the elevation keeps the address and asks nothing', () => {
    expect(change(enriched, { elevation: 0 })).toMatchObject({
      address: denverAddress,
      elevation: 0,
      elevationSource: 'given',
      asks: false,
    });
    expect(change(given, { elevation: 13 })).toMatchObject({ elevation: 13, asks: false });
  });

  it('makes the same number given that was Mapbox’s', () => {
    expect(change(enriched, { elevation: 1609.3 })).toMatchObject({ elevationSource: 'given', asks: false });
  });

  it('to no elevation forgets the given one, and asks for it', () => {
    expect(change(given, { elevation: null })).toMatchObject({ ...none, address: denverAddress, asks: true });
  });
});

describe('what changes nothing', () => {
  it.each<[string, Location, LocationChange]>([
    [
      'the same values',
      given,
      { name: 'Depot', latitude: denver.latitude, longitude: denver.longitude, elevation: 12 },
    ],
    ['null where nothing was given', denver, { elevation: null }],
    ['null where Mapbox knew', enriched, { elevation: null }],
  ])('is none: %s', (_, current, wished) => {
    expect(change(current, wished)).toBeNull();
  });
});
