import { numberOf, type TiffFile, tiffTag } from './read-tiff.ts';

/** Beyond this many pixels a Cloud-Optimized GeoTIFF has tiles and overviews. */
const untiledSide = 512;

/**
 * Whether a TIFF file is a Cloud-Optimized GeoTIFF already: GDAL noted that it laid it out so and nobody has changed it
 * since, it has tiles and overviews, and none of its tiles is missing at the end.
 * Source: "Header ghost area" of GDAL's COG driver.
 */
export function isCog({ directories, notes, size }: TiffFile): boolean {
  const [main] = directories;
  if (!main || !notes.startsWith('GDAL_STRUCTURAL_METADATA_SIZE=')) return false;
  if (!notes.includes('LAYOUT=IFDS_BEFORE_DATA') || notes.includes('KNOWN_INCOMPATIBLE_EDITION=YES'))
    return false;
  const width = numberOf(main, tiffTag.imageWidth) ?? 0;
  const height = numberOf(main, tiffTag.imageLength) ?? 0;
  const hasOverviews = directories.some(
    (directory) => ((numberOf(directory, tiffTag.newSubfileType) ?? 0) & 1) === 1,
  );
  if (!main.has(tiffTag.tileOffsets)) return false;
  if (Math.max(width, height) > untiledSide && !hasOverviews) return false;
  return directories.every((directory) => {
    const tiles = directory.get(tiffTag.tileOffsets)?.count ?? 0;
    // One by one: there may be millions.
    for (let tile = 0; tile < tiles; tile += 1) {
      const offset = numberOf(directory, tiffTag.tileOffsets, tile) ?? 0;
      if (offset + (numberOf(directory, tiffTag.tileByteCounts, tile) ?? 0) > size) return false;
    }
    return true;
  });
}
