import type * as z from 'zod';
import { implement, type TaskImplementation } from '#shared/tasks/implement-task.ts';
import { PermanentError } from '#shared/tasks/task-errors.ts';
import { askMapbox, decisiveFailure } from './ask-mapbox.ts';
import { type KeepingPorts, keepFindings } from './keep-findings.ts';
import type { Location } from './location.ts';
import type { MapboxClient } from './mapbox-client.ts';
import { enrichLocationData, type enrichmentResult } from './specs.ts';

/** The location to be enriched is not there: no retry will find it. */
export class LocationNotFound extends PermanentError {
  override name = 'LocationNotFound';
}

/** What enriching needs. */
export interface EnrichmentPorts extends KeepingPorts {
  readonly mapbox: MapboxClient;
  /** Whether no outside service may be asked: every enrichment is then skipped. */
  readonly externalApisDisabled: boolean;
}

type EnrichmentResult = z.input<typeof enrichmentResult>;

/**
 * See {@link enrichLocationData}. What Mapbox answered is recorded and kept even when its other answer failed; the
 * failure is then thrown, so that the task is tried again, and the retry asks only for what is still missing. A location
 * that was moved or deleted after it was read is left alone: whoever moved it has queued a task of its own.
 */
export function enrichLocation(ports: EnrichmentPorts): TaskImplementation {
  const { locations, mapbox, externalApisDisabled } = ports;
  return implement(enrichLocationData, async ({ location_id }, ctx) => {
    ctx.progress(0, 'Loading location');
    const read = await locations.read(ctx.tenant, location_id);
    if (read === null) throw new LocationNotFound(`there is no location ${location_id}`);
    if (externalApisDisabled) return skipped(read, 'external APIs are disabled');
    if (read.address !== null && read.elevation !== null) return enriched(read);

    ctx.progress(30, 'Asking Mapbox');
    const findings = await askMapbox(mapbox, read, ctx);
    for (const error of findings.failures) ctx.log.warn('Mapbox did not answer', { location_id, error });

    ctx.progress(90, 'Saving');
    const kept = await keepFindings(ports, read, findings);
    if (kept === null) return skipped(read, 'superseded');
    if (findings.failures.length > 0) throw decisiveFailure(findings.failures);
    return enriched(kept);
  });
}

function enriched(kept: Location): EnrichmentResult {
  return {
    status: 'success',
    location_id: kept.id,
    location_name: kept.name,
    enriched_fields: [
      ...(kept.address ? (['address'] as const) : []),
      ...(kept.elevationSource === 'mapbox' ? (['elevation'] as const) : []),
    ],
    formatted_address: kept.address?.formatted_address ?? null,
    elevation: kept.elevation,
  };
}

function skipped({ id, name, address, elevation }: Location, reason: string): EnrichmentResult {
  return {
    status: 'skipped',
    location_id: id,
    location_name: name,
    enriched_fields: [],
    formatted_address: address?.formatted_address ?? null,
    elevation,
    reason,
  };
}
