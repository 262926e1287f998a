/** A point on Earth in degrees: latitude north, longitude east. */
export type GeoPoint = { readonly latitude: number; readonly longitude: number };

/** A pixel of a tile in the usual XYZ scheme: tile column `x`, row `y` from the north, and the pixel inside it. */
export type TilePixel = {
  readonly x: number;
  readonly y: number;
  readonly column: number;
  readonly row: number;
};

/** Pixels along one side of a Terrain-RGB tile. */
export const TILE_SIZE = 256;

/** The latitude at which the square map of Web Mercator ends, north and south, in degrees: 85.0511… */
export const MERCATOR_LIMIT = (Math.atan(Math.sinh(Math.PI)) * 180) / Math.PI;

/**
 * The tile and pixel that hold a point at a zoom level. Latitudes beyond the Mercator limit count as the
 * limit, longitudes wrap (180 is the same as -180). Source: OpenStreetMap wiki, "Slippy map tilenames".
 */
export function pixelOf({ latitude, longitude }: GeoPoint, zoom: number): TilePixel {
  const across = TILE_SIZE * 2 ** zoom;
  const turn = ((longitude + 180) / 360) % 1;
  const east = (turn + 1) % 1;
  const south = (1 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / Math.PI) / 2;
  const worldColumn = Math.floor(east * across);
  const worldRow = Math.min(Math.max(Math.floor(south * across), 0), across - 1);
  return {
    x: Math.floor(worldColumn / TILE_SIZE),
    y: Math.floor(worldRow / TILE_SIZE),
    column: worldColumn % TILE_SIZE,
    row: worldRow % TILE_SIZE,
  };
}

/**
 * The elevation in metres, exact to 0.1, that a Terrain-RGB pixel encodes: -10000 + (R·65536 + G·256 + B)·0.1.
 * Source: docs.mapbox.com, "Access elevation data".
 */
export function decodeElevation(red: number, green: number, blue: number): number {
  // Tenths in whole numbers first: multiplying by 0.1 would leave results such as 12.300000000000182.
  return (red * 65_536 + green * 256 + blue - 100_000) / 10;
}
