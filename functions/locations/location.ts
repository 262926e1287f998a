import * as z from 'zod';
import { isoTime, nullableNumber, nullableText, number, text, whole } from '#shared/plain-schemas.ts';

/** What Mapbox knows about where a location lies; parts it knows nothing about are null. */
const address = z.object({
  formatted_address: text,
  locality: nullableText,
  administrative_area: nullableText,
  country: nullableText,
});

/** A location as it is kept. Times are milliseconds since the epoch; degrees and metres as in the wire shapes. */
export const location = z.object({
  id: text,
  tenant: text,
  name: text,
  latitude: number,
  longitude: number,
  elevation: nullableNumber,
  /** Whether the elevation came with the location, and so stays, or from Mapbox; null while there is none. */
  elevationSource: z.enum(['given', 'mapbox']).nullable(),
  address: address.nullable(),
  createdAt: whole,
  updatedAt: whole,
  /** Grows by one with every save; a save names the one it read. */
  revision: z.int().min(1),
});

/** See {@link location}. */
export type Location = z.output<typeof location>;

const longestRawName = 1000;

/** A name as callers give it, cleaned before its length counts: what is stored never carries markup. */
const locationName = z
  .string()
  .max(longestRawName)
  .transform(sanitizeName)
  .pipe(
    z
      .string()
      .min(1, 'must contain something beside tags, control characters and spaces')
      .max(200, 'must have at most 200 characters'),
  );

/** What callers may give of a location; degrees (WGS 84) and metres above sea level. */
const fields = {
  name: locationName,
  latitude: z.number().min(-90).max(90).transform(withoutDust),
  longitude: z.number().min(-180).max(180).transform(withoutDust),
  elevation: z.number().min(-500).max(9000).transform(withoutDust).nullable(),
};

/** A new location as callers give it. */
export const locationInput = z.strictObject({ ...fields, elevation: fields.elevation.default(null) });

/** A change of a location as callers give it: what is left out stays, an elevation of null forgets the given one. */
export const locationChange = z
  .strictObject(fields)
  .partial()
  .refine(
    (change) => Object.keys(change).length > 0,
    `must have at least one of ${Object.keys(fields).join(', ')}`,
  );

/** See {@link locationChange}. */
export type LocationChange = z.output<typeof locationChange>;

/** A location as callers see it; `task_id` is the enrichment that the request has queued, null when it queued none. */
export const locationView = z.object({
  id: text,
  name: text,
  latitude: number,
  longitude: number,
  elevation: nullableNumber,
  formatted_address: nullableText,
  locality: nullableText,
  administrative_area: nullableText,
  country: nullableText,
  created_at: isoTime,
  updated_at: isoTime,
  task_id: nullableText,
});

/** A page of a tenant's locations, newest first. */
export const locationPageView = z.object({
  items: z.array(locationView),
  next_cursor: nullableText,
});

/** DynamoDB refuses numbers nearer to zero than 1e-130 and forgets the sign of zero; so near, all are zero. */
function withoutDust(value: number): number {
  return Math.abs(value) < 1e-12 ? 0 : value;
}

/** Removes tags (unfinished ones too) and control characters, and makes every run of white space one space. */
export function sanitizeName(name: string): string {
  let clean = name.toWellFormed().replace(/[\p{Cc}\p{Cf}]/gu, (char) => (/\s/.test(char) ? ' ' : ''));
  for (let before = ''; before !== clean; ) {
    before = clean;
    clean = clean.replace(/<[a-z/!?][^>]*(?:>|$)/gi, '');
  }
  return clean.replace(/\s+/g, ' ').trim();
}

/** The wire shape of a location. */
export function viewLocation(kept: Location, taskId: string | null): z.input<typeof locationView> {
  const { id, name, latitude, longitude, elevation, createdAt, updatedAt } = kept;
  return {
    ...{ id, name, latitude, longitude, elevation },
    formatted_address: kept.address?.formatted_address ?? null,
    locality: kept.address?.locality ?? null,
    administrative_area: kept.address?.administrative_area ?? null,
    country: kept.address?.country ?? null,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    task_id: taskId,
  };
}
