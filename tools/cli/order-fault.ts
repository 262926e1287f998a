import type { Laptop } from './run-laptop.ts';

/** Orders a fault at the stand-in Mapbox, in the shape of its `POST /__faults`. Throws when it is refused. */
export async function orderFault(laptop: Laptop, fault: object): Promise<void> {
  const response = await fetch(`${laptop.standInMapbox}/__faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (!response.ok) throw new Error(`the stand-in refused a fault order: ${await response.text()}`);
}
