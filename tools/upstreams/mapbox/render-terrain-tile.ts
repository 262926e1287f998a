import { PNG } from 'pngjs';
import { syntheticElevation } from './synthetic-elevation.ts';

const SIZE = 256;

/**
 * A Terrain-RGB tile of the stand-in's ground: a 256 × 256 RGB PNG in which each pixel holds the elevation
 * of its centre in steps of 0.1 m above -10,000 m. Source: docs.mapbox.com, "Access elevation data".
 */
export function renderTerrainTile(zoom: number, x: number, y: number): Buffer {
  const across = SIZE * 2 ** zoom;
  const png = new PNG({ width: SIZE, height: SIZE, colorType: 2, deflateLevel: 1 });
  for (let row = 0; row < SIZE; row++) {
    const northing = Math.PI * (1 - (2 * (y * SIZE + row + 0.5)) / across);
    const latitude = (Math.atan(Math.sinh(northing)) * 180) / Math.PI;
    for (let column = 0; column < SIZE; column++) {
      const longitude = ((x * SIZE + column + 0.5) / across) * 360 - 180;
      const steps = Math.round((syntheticElevation({ latitude, longitude }) + 10_000) * 10);
      const at = (row * SIZE + column) * 4;
      png.data.writeUIntBE(steps, at, 3);
      png.data.writeUInt8(255, at + 3);
    }
  }
  return PNG.sync.write(png, { colorType: 2, deflateLevel: 1 });
}
