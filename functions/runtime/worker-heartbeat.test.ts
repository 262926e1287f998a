import { beforeEach, expect, it, vi } from 'vitest';
import { createMemoryHeartbeats } from '#shared/memory/memory-heartbeats.ts';
import { createVirtualClock, type VirtualClock } from '#shared/memory/virtual-clock.ts';
import type { WorkerHeartbeats } from '#shared/ports/worker-heartbeats.ts';
import { type LogLine, recordingLog } from './fixtures/recording-log.ts';
import { createHeartbeat, type StartHeartbeat } from './worker-heartbeat.ts';

const start = Date.UTC(2026, 0, 1);

let clock: VirtualClock;
let heartbeats: WorkerHeartbeats;
let told: number[];
let lines: LogLine[];
let begin: StartHeartbeat;
beforeEach(() => {
  clock = createVirtualClock(start);
  heartbeats = createMemoryHeartbeats();
  told = [];
  lines = [];
  vi.spyOn(heartbeats, 'beat').mockImplementation(async (_, at) => void told.push(at - start));
  begin = createHeartbeat({ worker: 'default', heartbeats, clock });
});
const log = () => recordingLog(lines);

it('is told at the beginning of an invocation, at most once a minute', async () => {
  await begin(log())();
  await clock.advance(59_999);
  await begin(log())();
  expect(told).toEqual([0]);
  await clock.advance(1);
  await begin(log())();
  expect(told).toEqual([0, 60_000]);
});

it('is told each minute of an invocation, counted from the one before, and ends with it', async () => {
  await begin(log())();
  await clock.advance(20_000);
  const end = begin(log());
  await clock.advance(39_999);
  expect(told).toEqual([0]);
  await clock.advance(60_001);
  expect(told).toEqual([0, 60_000, 120_000]);
  await end();
  expect(clock.nextTimer()).toBeNull();
});

it('is written before the invocation ends, since nothing runs after that', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  heartbeats.beat = () => promise;
  let ended = false;
  const ending = begin(log())().then(() => {
    ended = true;
  });
  await clock.advance(0);
  expect(ended).toBe(false);
  resolve();
  await ending;
});

it('is logged when it cannot be written, and tried again a minute later', async () => {
  heartbeats.beat = async () => Promise.reject(new Error('throttled'));
  await begin(log())();
  await begin(log())();
  await clock.advance(60_000);
  await begin(log())();
  expect(lines).toMatchObject([
    { level: 'warn', message: 'heartbeat not written', fields: { worker: 'default' } },
    { level: 'warn' },
  ]);
});
