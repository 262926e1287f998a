import { createHash } from 'node:crypto';
import type { City } from './cities.ts';

/** The feature types the stand-in knows, most specific first, which is the order Mapbox answers them in. */
export const FEATURE_TYPES = ['place', 'region', 'country'] as const;

/** A feature type that the stand-in answers. */
export type FeatureType = (typeof FEATURE_TYPES)[number];

type ContextPart = Readonly<Record<string, string>>;

/**
 * A city as the features of Geocoding v6, one per level that exists, each with the context from its own
 * level up. Source: docs.mapbox.com/api/search/geocoding, "Geocoding response object".
 */
export function geocodeFeatures(city: City): { readonly type: FeatureType; readonly feature: unknown }[] {
  const context = contextOf(city);
  const levels = FEATURE_TYPES.flatMap((type) => {
    const part = context[type];
    return part ? [{ type, part }] : [];
  });
  return levels.map(({ type, part }, index) => {
    const above = levels.slice(index + 1).map((level) => level.part['name']);
    const own = levels.slice(index).map((level) => [level.type, level.part]);
    return {
      type,
      feature: {
        type: 'Feature',
        id: part['mapbox_id'],
        geometry: { type: 'Point', coordinates: [city.longitude, city.latitude] },
        properties: {
          mapbox_id: part['mapbox_id'],
          feature_type: type,
          full_address: [part['name'], ...above].join(', '),
          name: part['name'],
          name_preferred: part['name'],
          coordinates: { longitude: city.longitude, latitude: city.latitude },
          ...(above.length > 0 && { place_formatted: above.join(', ') }),
          context: Object.fromEntries(own),
        },
      },
    };
  });
}

function contextOf({ place, region, country }: City): Partial<Record<FeatureType, ContextPart>> {
  return {
    ...(place !== null && {
      place: { mapbox_id: mapboxId(`place/${country.code}/${place}`), name: place },
    }),
    ...(region && {
      region: {
        mapbox_id: mapboxId(`region/${country.code}/${region.code}`),
        name: region.name,
        region_code: region.code,
        region_code_full: `${country.code}-${region.code}`,
      },
    }),
    country: {
      mapbox_id: mapboxId(`country/${country.code}`),
      name: country.name,
      country_code: country.code,
      country_code_alpha_3: country.alpha3,
    },
  };
}

/** Looks as Mapbox's ids do: base64url of `urn:mbxplc:` and a short opaque key. */
function mapboxId(name: string): string {
  const key = createHash('sha256').update(name).digest('base64url').slice(0, 6);
  return Buffer.from(`urn:mbxplc:${key}`).toString('base64url');
}
