import * as z from 'zod';
import { boundsOf, fitAffine, type GeoTransform } from './affine.ts';

const words = z.record(z.string(), z.string());

/** What `gdalinfo -json` tells, as far as it is used here. */
const gdalInfo = z.object({
  driverShortName: z.string(),
  size: z.tuple([z.number(), z.number()]),
  coordinateSystem: z.object({ wkt: z.string() }).optional(),
  geoTransform: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).optional(),
  gcps: z
    .object({
      gcpList: z.array(z.object({ pixel: z.number(), line: z.number(), x: z.number(), y: z.number() })),
      coordinateSystem: z.object({ wkt: z.string() }).optional(),
    })
    .optional(),
  metadata: z.record(z.string(), z.unknown()).default({}),
  bands: z.array(
    z.object({
      type: z.string(),
      block: z.tuple([z.number(), z.number()]),
      colorInterpretation: z.string().default('Undefined'),
      noDataValue: z.unknown().optional(),
      metadata: z.record(z.string(), z.unknown()).default({}),
      mask: z.object({ flags: z.array(z.string()) }).optional(),
      overviews: z.array(z.unknown()).default([]),
      colorTable: z.unknown().optional(),
    }),
  ),
});

/** GDAL's data types by the names that numpy and rasterio have for them. */
const dtypes: Readonly<Record<string, string>> = {
  Byte: 'uint8',
  Int8: 'int8',
  UInt16: 'uint16',
  Int16: 'int16',
  UInt32: 'uint32',
  Int32: 'int32',
  UInt64: 'uint64',
  Int64: 'int64',
  Float32: 'float32',
  Float64: 'float64',
  CInt16: 'complex_int16',
  CInt32: 'complex_int32',
  CFloat32: 'complex64',
  CFloat64: 'complex128',
};

/** The mark in our own files whose place is only a frame to show them in. */
export const dummyMark = 'DUMMY_GEOREFERENCE';

/** What a raster's header tells. */
export interface RasterFacts {
  /** GDAL's short name of the format. */
  readonly driver: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly bands: number;
  /** Of the first band, as numpy names it; null without bands. */
  readonly dtype: string | null;
  /** Pixels that are read and decoded together: one row, a strip or a tile. */
  readonly block: { readonly width: number; readonly height: number };
  /** How many smaller copies of itself it holds. */
  readonly overviews: number;
  /** Bits that a sample really has, when fewer than its type: 1 for black and white. */
  readonly bits: number | null;
  /** `EPSG:…` where there is a code, else WKT; null when unknown. */
  readonly crs: string | null;
  /** Whether it has a transform or control points of any kind, the dummy frame included. */
  readonly hasPlace: boolean;
  /** Whether its place on earth is known: a CRS, and a place in it that is not the dummy frame. */
  readonly isGeoreferenced: boolean;
  /** Null when there is none, or when the place is told by control points. */
  readonly transform: GeoTransform | null;
  /** `[minx, miny, maxx, maxy]` in the CRS; of the best affine fit when the place is told by control points. */
  readonly bounds: [number, number, number, number] | null;
  /** The words of each, when there are several images in the file. */
  readonly subdatasets: readonly string[];
  readonly hasNodata: boolean;
  readonly hasAlpha: boolean;
  readonly hasPalette: boolean;
}

/** Reads GDAL's description of a raster. */
export function readFacts(info: unknown): RasterFacts {
  const { driverShortName, size, bands, metadata, geoTransform, ...place } = gdalInfo.parse(info);
  const [width, height] = size;
  const [first] = bands;
  const gcps = place.gcps?.gcpList ?? [];
  const isDummy = words.safeParse(metadata['']).data?.[dummyMark] === 'YES';
  const fit =
    geoTransform ??
    fitAffine(
      gcps.map(({ pixel, line, x, y }) => ({ image_x: pixel, image_y: line, world_x: x, world_y: y })),
    );
  const bits = Number(words.safeParse(first?.metadata['IMAGE_STRUCTURE']).data?.['NBITS'] ?? Number.NaN);
  const crs = readCrs(place.coordinateSystem?.wkt ?? place.gcps?.coordinateSystem?.wkt);
  const hasPlace = geoTransform !== undefined || gcps.length > 0;
  return {
    driver: driverShortName,
    width,
    height,
    bands: bands.length,
    dtype: first ? (dtypes[first.type] ?? first.type.toLowerCase()) : null,
    block: { width: first?.block[0] ?? 0, height: first?.block[1] ?? 0 },
    overviews: first?.overviews.length ?? 0,
    bits: Number.isNaN(bits) ? null : bits,
    crs,
    hasPlace,
    isGeoreferenced: hasPlace && crs !== null && !isDummy,
    transform: geoTransform ?? null,
    bounds: fit && boundsOf(fit, width, height),
    subdatasets: Object.entries(words.safeParse(metadata['SUBDATASETS']).data ?? {})
      .filter(([name]) => name.endsWith('_DESC'))
      .map(([, description]) => description),
    hasNodata: bands.some(({ noDataValue }) => noDataValue !== undefined),
    hasAlpha: bands.some(({ colorInterpretation }) => colorInterpretation === 'Alpha'),
    hasPalette: bands.some(({ colorTable }) => colorTable !== undefined),
  };
}

/** The code that a CRS in WKT names for itself, else all of its WKT. */
function readCrs(wkt: string | undefined): string | null {
  if (!wkt) return null;
  const code = /ID\["EPSG",(\d+)\]\]$/.exec(wkt.trim())?.[1];
  return code ? `EPSG:${code}` : wkt;
}
