import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { type ApiClient, createApiClient } from '#tools/cli/api-client.ts';
import { orderFault } from '#tools/cli/order-fault.ts';
import type { Laptop } from '#tools/cli/run-laptop.ts';
import { watchTasks } from '#tools/cli/watch-tasks.ts';
import { onFreshLaptop } from './bench-laptop.ts';
import { median, tenths } from './statistics.ts';

const created = z.object({ task_id: z.string(), formatted_address: z.string().nullable() });
const warmUps = 25;
const place = { name: 'Tokyo Station', latitude: 35.6812, longitude: 139.7671 };

/** Figures of {@link benchSubmit}; milliseconds are medians. */
export type SubmitFigures = {
  upstream_ms: number;
  inline_ms: number;
  async_ms: number;
  async_sooner_percent: number;
  enriched_after_ms: number;
};

/** Posts locations while Mapbox is slow, once with the work inside the request and once in the background. */
export async function benchSubmit(options: { upstreamMs: number; repeat: number }): Promise<SubmitFigures> {
  const inline = await onFreshLaptop({ context: { executionMode: 'inline' } }, (laptop) =>
    measure(laptop, options),
  );
  const background = await onFreshLaptop({}, (laptop) => measure(laptop, options));
  return {
    upstream_ms: options.upstreamMs,
    inline_ms: tenths(inline.answeredMs),
    async_ms: tenths(background.answeredMs),
    async_sooner_percent: Math.round((1 - background.answeredMs / inline.answeredMs) * 10_000) / 100,
    enriched_after_ms: tenths(background.enrichedMs),
  };
}

async function measure(laptop: Laptop, { upstreamMs, repeat }: { upstreamMs: number; repeat: number }) {
  const api = createApiClient(laptop.cloud.url, laptop.token);
  // The first requests find cold functions and code; what is compared is how they answer every day.
  for (let warmUp = 0; warmUp < warmUps; warmUp++) await postAndWait(api);
  await orderFault(laptop, { match: '/*', delay_ms: upstreamMs, times: 100_000 });
  const runs: { answeredMs: number; enrichedMs: number }[] = [];
  for (let run = 0; run < repeat; run++) runs.push(await postAndWait(api));
  return {
    answeredMs: median(runs.map(({ answeredMs }) => answeredMs)),
    enrichedMs: median(runs.map(({ enrichedMs }) => enrichedMs)),
  };
}

async function postAndWait(api: ApiClient): Promise<{ answeredMs: number; enrichedMs: number }> {
  const begun = performance.now();
  const { task_id } = await api('POST', '/api/v1/locations', created, place);
  const answeredMs = performance.now() - begun;
  const [record] = await watchTasks(api, {
    taskIds: [task_id],
    show: () => undefined,
    whenAllWait: () => Promise.reject(new Error('the enrichment failed: see why with npm start')),
  });
  if (record?.state !== 'SUCCESS') throw new Error(`the enrichment ended ${record?.state}`);
  return { answeredMs, enrichedMs: performance.now() - begun };
}
