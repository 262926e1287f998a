import { expect, it } from 'vitest';
import { terrainRoute } from './terrain-route.ts';

it('renders a tile once and forgets the one unused for longest', async () => {
  const route = terrainRoute('pk.test');
  const query = new URLSearchParams({ access_token: 'pk.test' });
  const tile = async (y: number) => {
    const path = `/v4/mapbox.terrain-rgb/14/0/${y}.pngraw`;
    return (await route.handle({ method: 'GET', path, query, headers: {}, body: Buffer.alloc(0) })).body;
  };
  const first = await tile(0);
  const second = await tile(1);
  for (let y = 2; y < 32; y++) await tile(y);
  expect(await tile(0)).toBe(first);
  await tile(32);
  expect(await tile(0)).toBe(first);
  expect(await tile(1)).not.toBe(second);
  expect(await tile(1)).toEqual(second);
});
