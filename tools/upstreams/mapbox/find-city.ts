import { CITIES, type City } from './cities.ts';

const EARTH_RADIUS_KM = 6371;
const TOWN_KM = 50;
const COUNTRYSIDE_KM = 120;

/**
 * What lies at a point: the nearest city within 50 km, its countryside (no place, the region and country
 * only) within 120 km, and null beyond, as over open sea.
 */
export function findCity(latitude: number, longitude: number): City | null {
  const [nearest] = CITIES.map((city) => ({ city, km: distanceKm(city, { latitude, longitude }) })).sort(
    (a, b) => a.km - b.km,
  );
  if (!nearest || nearest.km > COUNTRYSIDE_KM) return null;
  return nearest.km <= TOWN_KM ? nearest.city : { ...nearest.city, place: null };
}

type Point = { readonly latitude: number; readonly longitude: number };

/** The great-circle distance by the haversine formula. */
function distanceKm(a: Point, b: Point): number {
  const radians = Math.PI / 180;
  const dLat = (b.latitude - a.latitude) * radians;
  const dLon = (b.longitude - a.longitude) * radians;
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}
