/** What a file is by its content. */
export interface RecognisedContent {
  readonly mediaType: string;
  /** For people, with its article: "a PDF document". */
  readonly name: string;
  /**
   * False for what this build of GDAL certainly cannot read: what is no image, and images that it has no driver for,
   * such as JPEG 2000, because whoever uploads one should be told at once and not by a failed conversion. Archives too,
   * even the few that GDAL could look into: an item is one image. True promises nothing: whether the file is whole and
   * sound is seen when it is read.
   */
  readonly isRaster: boolean;
}

interface Signature extends RecognisedContent {
  readonly matches: (head: string) => boolean;
}

/**
 * Tells what a file is by its first bytes, whatever its name says; some signatures need the first 32 KB. Null for what is
 * not recognised: GDAL reads some formats that begin with anything, so only GDAL can say. Never throws.
 */
export function recogniseContent(head: Uint8Array): RecognisedContent | null {
  // A character for each byte.
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 32_768)).toString(
    'latin1',
  );
  const found = signatures.find(({ matches }) => matches(text));
  return found ? { mediaType: found.mediaType, name: found.name, isRaster: found.isRaster } : null;
}

/** Any of these texts at one of these offsets. */
function at(offsets: number | readonly number[], ...texts: readonly string[]) {
  const places = typeof offsets === 'number' ? [offsets] : offsets;
  return (head: string) => places.some((place) => texts.some((text) => head.startsWith(text, place)));
}

function all(...conditions: readonly ((head: string) => boolean)[]) {
  return (head: string) => conditions.every((holds) => holds(head));
}

/** A container of four letters, its size, and what it contains. Source: RIFF, as RFC 9649 describes it. */
function riff(kind: string) {
  return (head: string) => head.startsWith('RIFF') && head.startsWith(kind, 8);
}

/** The major brand of a file of the ISO base media format. Source: ISO/IEC 14496-12, "File type box". */
function brand(...brands: readonly string[]) {
  return at(4, ...brands.map((name) => `ftyp${name}`));
}

/** Text that begins so, after a byte order mark and white space. */
function text(pattern: RegExp) {
  const start = new RegExp(`^(\u00ef\u00bb\u00bf)?\\s*(${pattern.source})`, 'i');
  return (head: string) => start.test(head);
}

/** A Windows program: what begins with MZ says where its other signature is. Source: Microsoft, "PE Format". */
function isWindowsProgram(head: string): boolean {
  if (!head.startsWith('MZ') || head.length < 64) return false;
  const offset = Buffer.from(head.slice(60, 64), 'latin1').readUInt32LE();
  return head.startsWith('PE\0\0', offset);
}

const sqlite = 'SQLite format 3\0';

/** Read by GDAL, so that a short signature does no harm. */
const rasters = [
  ['image/png', 'a PNG image', at(0, '\x89PNG\r\n\x1a\n')],
  ['image/jpeg', 'a JPEG image', at(0, '\xff\xd8\xff')],
  ['image/tiff', 'a TIFF image', at(0, 'II*\0', 'MM\0*', 'II+\0', 'MM\0+')],
  ['image/gif', 'a GIF image', at(0, 'GIF87a', 'GIF89a')],
  ['image/webp', 'a WebP image', riff('WEBP')],
  ['image/bmp', 'a BMP image', at(0, 'BM')],
  ['application/x-erdas-hfa', 'an ERDAS Imagine image', at(0, 'EHFA_HEADER_TAG')],
  ['application/vnd.nitf', 'a NITF image', at(0, 'NITF', 'NSIF')],
  // On its own, or after the labels of a tape.
  ['application/x-dted', 'a DTED elevation model', at([0, 80, 160], 'UHL1')],
  [
    'text/x-esri-ascii-grid',
    'an ESRI ASCII grid',
    text(/(ncols|nrows|[xy]ll(corner|center)|cellsize|d[xy])\s+[-+.\d]/),
  ],
  ['application/x-grib', 'a GRIB file', at(0, 'GRIB')],
  ['application/geopackage+sqlite3', 'a GeoPackage', all(at(0, sqlite), at(68, 'GPKG', 'GP10', 'GP11'))],
  // MBTiles and Rasterlite among others.
  ['application/vnd.sqlite3', 'an SQLite database', at(0, sqlite)],
] as const;

/** Images and grids that this build of GDAL has no driver for. */
const unreadable = [
  ['image/jp2', 'a JPEG 2000 image', at(0, '\0\0\0\x0cjP  \r\n\x87\n', '\xff\x4f\xff\x51')],
  ['image/jxl', 'a JPEG XL image', at(0, '\0\0\0\x0cJXL \r\n\x87\n')],
  ['image/avif', 'an AVIF image', brand('avif', 'avis')],
  ['image/heif', 'a HEIF image', brand('heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1')],
  ['image/x-canon-cr3', 'a Canon raw image', brand('crx ')],
  ['image/vnd.adobe.photoshop', 'a Photoshop image', at(0, '8BPS\0')],
  [
    'image/svg+xml',
    'an SVG drawing',
    all(text(/<(\?xml|!doctype svg|!--|svg)/), (head) => /<svg[\s>]/i.test(head)),
  ],
  ['image/x-mrsid', 'a MrSID image', at(0, 'msid\x01', 'msid\x02', 'msid\x03', 'msid\x04')],
  ['image/fits', 'a FITS image', at(0, 'SIMPLE  =')],
  ['application/x-netcdf', 'a netCDF file', at(0, 'CDF\x01', 'CDF\x02', 'CDF\x05')],
  ['application/x-hdf', 'an HDF4 file', at(0, '\x0e\x03\x13\x01')],
  ['application/x-hdf5', 'an HDF5 or netCDF file', at([0, 512, 1024, 2048], '\x89HDF\r\n\x1a\n')],
  ['application/pdf', 'a PDF document', at(0, '%PDF-')],
] as const;

/** No images; each of four bytes or more, or of an order that no image begins with. */
const others = [
  ['application/zip', 'a ZIP archive', at(0, 'PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08')],
  ['application/gzip', 'a gzip archive', at(0, '\x1f\x8b\x08')],
  ['application/x-bzip2', 'a bzip2 archive', at(4, '1AY&SY')],
  ['application/x-xz', 'an xz archive', at(0, '\xfd7zXZ\0')],
  ['application/zstd', 'a Zstandard archive', at(0, '\x28\xb5\x2f\xfd')],
  ['application/x-7z-compressed', 'a 7z archive', at(0, '7z\xbc\xaf\x27\x1c')],
  ['application/vnd.rar', 'a RAR archive', at(0, 'Rar!\x1a\x07')],
  ['application/x-tar', 'a tar archive', at(257, 'ustar\0', 'ustar ')],
  ['application/x-elf', 'a Linux program', at(0, '\x7fELF')],
  ['application/vnd.microsoft.portable-executable', 'a Windows program', isWindowsProgram],
  ['application/x-mach-binary', 'a macOS program', at(0, '\xcf\xfa\xed\xfe', '\xce\xfa\xed\xfe')],
  ['application/wasm', 'a WebAssembly program', at(0, '\0asm\x01\0\0\0')],
  ['text/x-shellscript', 'a script', at(0, '#!/')],
  ['application/x-ole-storage', 'an Office document', at(0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
  ['application/rtf', 'an RTF document', at(0, '{\\rtf')],
  ['application/vnd.shp', 'a shapefile, of vectors', all(at(0, '\0\0\x27\x0a'), at(28, '\xe8\x03\0\0'))],
  ['application/vnd.las', 'a LAS point cloud', at(0, 'LASF')],
  ['video/quicktime', 'a QuickTime video', brand('qt  ')],
  ['video/mp4', 'an MP4 video', at(4, 'ftyp')],
  ['video/x-matroska', 'a Matroska or WebM video', at(0, '\x1a\x45\xdf\xa3')],
  ['video/x-msvideo', 'an AVI video', riff('AVI ')],
  ['audio/wav', 'a WAV recording', riff('WAVE')],
  ['audio/ogg', 'an Ogg recording', at(0, 'OggS\0')],
  ['audio/flac', 'a FLAC recording', at(0, 'fLaC')],
  ['text/html', 'an HTML page', text(/<(!doctype\s+html|html|head|body)[\s>]/)],
  ['application/xml', 'an XML document', text(/<\?xml\s/)],
] as const;

const signatures: readonly Signature[] = [
  ...rasters.map(([mediaType, name, matches]) => ({ mediaType, name, matches, isRaster: true })),
  ...[...unreadable, ...others].map(([mediaType, name, matches]) => ({
    ...{ mediaType, name, matches },
    isRaster: false,
  })),
];
