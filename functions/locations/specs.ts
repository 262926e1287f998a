import * as z from 'zod';
import { fixed } from '#shared/lifecycle/backoff.ts';
import { nullableNumber, nullableText, text } from '#shared/plain-schemas.ts';
import { defineTask } from '#shared/tasks/define-task.ts';

/** What became of an enrichment; `enriched_fields` are those of the location's fields that come from Mapbox. */
export const enrichmentResult = z.object({
  status: z.enum(['success', 'skipped']),
  location_id: text,
  location_name: text,
  enriched_fields: z.array(z.enum(['address', 'elevation'])),
  formatted_address: nullableText,
  elevation: nullableNumber,
  /** Only when skipped. */
  reason: z.string().optional(),
});

/** Fills a location's address and missing elevation from Mapbox. */
export const enrichLocationData = defineTask({
  name: 'enrich_location_data',
  description:
    "Asks Mapbox for a location's address and, unless one was given, its elevation, and stores both.",
  input: z.strictObject({ location_id: z.string().min(1).max(128) }),
  output: enrichmentResult,
  retry: { max: 3, delay: fixed(60) },
  timeLimit: { soft: 240, hard: 300 },
  resultExpires: 3600,
});
