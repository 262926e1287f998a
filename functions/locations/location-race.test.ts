import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { recordingLog } from '#functions/runtime/fixtures/recording-log.ts';
import { Problem } from '#functions/runtime/problem.ts';
import { createSubmitTask } from '#functions/runtime/submit-task.ts';
import { UpstreamError } from '#functions/runtime/upstream-error.ts';
import { createMemoryPorts } from '#shared/memory/memory-ports.ts';
import { createMemoryWorker } from '#shared/memory/memory-worker.ts';
import type { TaskStore } from '#shared/ports/task-store.ts';
import { createLocation } from './create-location.ts';
import { deleteLocation } from './delete-location.ts';
import { enrichLocation } from './enrich-location-data.ts';
import { denver, type LocationWorld, openLocationWorld, paris } from './fixtures/location-world.ts';
import { createTurnstile } from './fixtures/turnstile.ts';
import { type Location, type LocationChange, location } from './location.ts';
import type { LocationStore } from './location-store.ts';
import type { MapboxClient } from './mapbox-client.ts';
import type { GeoPoint } from './terrain-tile.ts';
import { updateLocation } from './update-location.ts';

let world: LocationWorld;
beforeAll(async () => {
  world = await openLocationWorld();
});

const home = { latitude: denver.latitude, longitude: denver.longitude };
const operation = fc.constantFrom<LocationChange | 'delete'>(
  paris,
  home,
  { latitude: 1 },
  { name: 'Renamed' },
  { elevation: 5 },
  { elevation: null },
  { ...paris, elevation: null },
  'delete',
);

/** What happens to one location, how often and when Mapbox fails meanwhile, and in which order all of it goes on. */
const story = fc.record({
  elevation: fc.constantFrom(null, 12),
  operations: fc.array(operation, { minLength: 1, maxLength: 3 }),
  failing: fc.array(fc.boolean(), { maxLength: 6 }),
  picks: fc.array(fc.nat(11), { minLength: 20, maxLength: 60 }),
});

type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

const addressOf = ({ latitude, longitude }: GeoPoint) => ({
  formatted_address: `${latitude}, ${longitude}`,
  locality: null,
  administrative_area: null,
  country: null,
});
const groundOf = ({ latitude, longitude }: GeoPoint) => Math.round(latitude * 10 + longitude);

/** What was got of Mapbox belongs to the place where the location is. */
function expectOwnFindings(kept: Location): void {
  if (kept.address !== null) expect(kept.address).toEqual(addressOf(kept));
  if (kept.elevationSource === 'mapbox') expect(kept.elevation).toBe(groundOf(kept));
}

/** The store, with every write looked at that it lets happen. */
function watched(locations: LocationStore, tasks: TaskStore) {
  let deleted = false;
  let revision = 0;
  const look = (written: unknown) => {
    const next = location.parse(written);
    expect(deleted, 'a deleted location was written').toBe(false);
    expect(next.revision, 'a change was lost').toBe(++revision);
    expectOwnFindings(next);
  };
  return {
    async save(next: Location) {
      const saved = await locations.save(next);
      if (saved) look(next);
      return saved;
    },
    async remove(tenant: string, id: string) {
      const removed = await locations.remove(tenant, id);
      if (removed) expect(deleted, 'a location was deleted twice').toBe(false);
      deleted ||= removed;
      return removed;
    },
    async commit(...[record, options = {}]: Parameters<TaskStore['create']>) {
      const result = await tasks.create(record, options);
      if (result.saved) for (const { item } of options.alongside ?? []) look(item);
      return result;
    },
    isDeleted: () => deleted,
  };
}

async function tell({ elevation, operations, failing, picks }: Story): Promise<void> {
  const { guard, run } = createTurnstile();
  const memory = createMemoryPorts();
  const { clock, queue } = memory;
  const writes = watched(world.locations, world.ports.store);
  const locations: LocationStore = {
    ...world.locations,
    read: guard(world.locations.read),
    save: guard(writes.save),
    remove: guard(writes.remove),
  };
  // Tasks live on in memory, where a worker costs little; what matters here is committed in the table.
  const commit = guard(writes.commit);
  const ports = {
    ...memory,
    store: {
      ...memory.store,
      async create(...args: Parameters<TaskStore['create']>) {
        const result = await commit(...args);
        return result.saved ? memory.store.create(args[0]) : result;
      },
    },
    newId: world.ports.newId,
  };

  const troubles = [...failing];
  const answer = <Value>(of: (point: GeoPoint) => Value) =>
    guard(async (point: GeoPoint) => {
      if (troubles.shift()) throw new UpstreamError('Mapbox', 503, 'Mapbox answered 503');
      return of(point);
    });
  const mapbox: MapboxClient = { reverseGeocode: answer(addressOf), elevation: answer(groundOf) };
  const worker = createMemoryWorker(ports, [
    enrichLocation({ locations, mapbox, clock, externalApisDisabled: false }),
  ]);

  const api = { locations, submit: createSubmitTask(ports), clock, newId: ports.newId };
  const caller = { tenant: 'acme', scopes: ['submit'] as const, name: 'test' };
  const scene = {
    caller,
    requestId: 'request',
    correlationId: 'request',
    log: recordingLog([]),
    remainingMs: () => 30_000,
  };
  const creating = createLocation(api).run(
    { params: {}, query: {}, headers: {}, body: { name: 'Depot', ...home, elevation } },
    scene,
  );
  await run([]);
  const { id } = location.pick({ id: true }).parse((await creating).body);

  async function change(wished: LocationChange | 'delete'): Promise<void> {
    const handler = wished === 'delete' ? deleteLocation(locations) : updateLocation(api);
    const body = wished === 'delete' ? undefined : wished;
    try {
      await handler.run({ params: { location_id: id }, query: {}, headers: {}, body }, scene);
    } catch (error) {
      const gone = error instanceof Problem && error.kind === 'not-found';
      if (!gone || !writes.isDeleted()) throw error;
    }
  }
  /** Two polls with the delay of a retry between them; when they begin is up to the order, too. */
  async function work(): Promise<void> {
    await begin();
    await worker.poll();
    await later();
    await worker.poll();
  }
  const begin = guard(async () => undefined);
  const later = guard(() => clock.advance(61_000));

  const racing = Promise.all([...operations.map(change), work(), work()]);
  await Promise.all([run(picks), racing]);

  troubles.length = 0;
  for (let rounds = 0; queue.depth('default').visible + queue.depth('default').hidden > 0; rounds++) {
    expect(rounds, 'tasks never end').toBeLessThan(10);
    await clock.advance(61_000);
    await Promise.all([worker.poll(), run([])]);
  }

  expect(worker.faults).toEqual([]);
  const ended = await world.locations.read('acme', id);
  if (ended === null) {
    expect(writes.isDeleted()).toBe(true);
    expect(operations).toContain('delete');
    return;
  }
  expect(writes.isDeleted()).toBe(false);
  expect(ended.address).toEqual(addressOf(ended));
  expect(ended.elevation).not.toBeNull();
  expectOwnFindings(ended);
}

it('keeps every location and its findings together, whoever comes first', async () => {
  // Four lanes of stories side by side, because a story mostly waits for the table.
  const lanes = Array.from({ length: 4 }, () => fc.assert(fc.asyncProperty(story, tell), { numRuns: 125 }));
  await Promise.all(lanes);
}, 60_000);
