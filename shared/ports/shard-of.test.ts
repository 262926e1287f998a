import { expect, it } from 'vitest';
import { shardOf } from './shard-of.ts';

it('spreads ids evenly, ids of one burst included', () => {
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < 4000; n++) {
    const shard = shardOf(`019aa7c1-5c00-7000-8000-${n.toString(16).padStart(12, '0')}`, 4);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  expect(counts).toHaveLength(4);
  expect(Math.min(...counts)).toBeGreaterThan(900);
});

it('never changes for an id, for stored records are found by it', () => {
  const ids = ['', 'a', '019aa7c1-5c00-7a3e-9d7e-2f4b8c6d1e0f', 'ü'];
  expect(ids.map((id) => shardOf(id, 4))).toEqual([1, 0, 2, 3]);
});
