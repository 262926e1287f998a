import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, createLocation, type Place, readTask } from './api-calls.ts';
import { type LaptopTarget, startLaptopTarget } from './laptop-target.ts';
import { askedAbout, orderFault } from './mapbox-stand-in.ts';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget();
});
afterAll(() => laptop.stop());

const many = 200;
/** Each on a terrain tile of its own, in reach of a city of the stand-in. */
const places: readonly Place[] = Array.from({ length: many }, (_, index) => ({
  name: `Place ${index}`,
  latitude: degrees(35.5 + Math.floor(index / 20) * 0.03),
  longitude: degrees(139.4 + (index % 20) * 0.03),
}));

/** As Mapbox is asked: six decimals. */
function degrees(value: number): number {
  return Number(value.toFixed(6));
}

const enriched = z.object({ formatted_address: z.string(), elevation: z.number() });

describe('200 locations at once while Mapbox refuses half of the requests', () => {
  it('are all enriched, and no answer that was recorded is asked for again', {
    timeout: 120_000,
  }, async () => {
    const { target, powers } = laptop;
    await orderFault(target, {
      match: '/*',
      status: 429,
      every: 4,
      times: many / 2,
      headers: { 'retry-after': '20' },
    });
    await orderFault(target, { match: '/*', status: 503, every: 3, times: many / 2 });
    const created = await Promise.all(places.map((place) => createLocation(target, place)));

    let unfinished = created.map(({ taskId }) => taskId);
    for (let minute = 0; unfinished.length > 0 && minute < 10; minute++) {
      await powers.settled();
      const records = await Promise.all(unfinished.map((taskId) => readTask(target, taskId)));
      unfinished = unfinished.filter((_, index) => records[index]?.state !== 'SUCCESS');
      if (unfinished.length > 0) await target.passTime(60);
    }
    expect(unfinished).toEqual([]);

    for (const { locationId } of created) {
      enriched.parse((await ask(target, 'GET', `/api/v1/locations/${locationId}`)).body);
    }
    const asked = await Promise.all(places.map((place) => askedAbout(target, place)));
    const answered = asked.flatMap(({ address, elevation }) => [address, elevation]);
    expect(answered.map((statuses) => statuses.filter((status) => status === 200).length)).toEqual(
      answered.map(() => 1),
    );
    const refused = answered.flat().filter((status) => status !== 200);
    expect(refused.filter((status) => status === 429)).toHaveLength(many / 2);
    expect(refused.filter((status) => status === 503)).toHaveLength(many / 2);
  });
});
