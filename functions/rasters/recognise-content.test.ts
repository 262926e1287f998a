import { closeSync, openSync, readSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { recogniseContent } from './recognise-content.ts';

/** One character for each byte. */
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const filled = (size: number, start: string) => start.padEnd(size, '\0');

const rasters = [
  ['image/png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['image/jpeg', '\xff\xd8\xff\xe1..Exif'],
  ['image/tiff', 'II*\0\x08\0\0\0'],
  ['image/tiff', 'MM\0*\0\0\0\x08'],
  ['image/tiff', 'II+\0\x08\0\0\0'],
  ['image/tiff', 'MM\0+\0\x08\0\0'],
  ['image/gif', 'GIF89a\x01\0'],
  ['image/webp', 'RIFF\x24\0\0\0WEBPVP8 '],
  ['image/bmp', 'BM\x36\0\0\0'],
  ['application/x-erdas-hfa', 'EHFA_HEADER_TAG\0'],
  ['application/vnd.nitf', 'NITF02.10'],
  ['application/vnd.nitf', 'NSIF01.00'],
  ['application/x-dted', 'UHL11100000E'],
  ['application/x-dted', `${'VOL1'.padEnd(80)}UHL1`],
  ['application/x-dted', `${'VOL1'.padEnd(80)}${'HDR1'.padEnd(80)}UHL1`],
  ['text/x-esri-ascii-grid', 'ncols 4\nnrows 3\n'],
  ['text/x-esri-ascii-grid', '\xef\xbb\xbf\r\n  NROWS   3\n'],
  ['text/x-esri-ascii-grid', 'xllcorner -12.5\n'],
  ['application/x-grib', 'GRIB\0\0\0\x02'],
  ['application/geopackage+sqlite3', `${filled(68, 'SQLite format 3\0')}GPKG`],
  ['application/vnd.sqlite3', `${filled(68, 'SQLite format 3\0')}MPBX`],
] as const;

const others = [
  ['image/jp2', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['image/jp2', '\xff\x4f\xff\x51\0\x2f'],
  ['image/jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['image/heif', '\0\0\0\x18ftypheic\0\0\0\0'],
  ['image/avif', '\0\0\0\x1cftypavif\0\0\0\0'],
  ['image/svg+xml', '<?xml version="1.0"?>\n<!-- by hand --><svg width="1">'],
  ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg">'],
  ['application/x-netcdf', 'CDF\x01\0\0'],
  ['application/x-hdf', '\x0e\x03\x13\x01\0'],
  ['application/x-hdf5', '\x89HDF\r\n\x1a\n\0'],
  ['application/x-hdf5', `${filled(512, 'user block')}\x89HDF\r\n\x1a\n`],
  ['application/pdf', '%PDF-1.7\n'],
  ['application/zip', 'PK\x03\x04\x14\0'],
  ['application/x-7z-compressed', '7z\xbc\xaf\x27\x1c\0\x04'],
  ['application/x-tar', `${filled(257, 'photo.png')}ustar\0`],
  ['application/vnd.microsoft.portable-executable', `${filled(60, 'MZ')}\x80\0\0\0${filled(64, '')}PE\0\0`],
  ['text/x-shellscript', '#!/bin/sh\nrm -rf /'],
  ['application/x-ole-storage', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['application/vnd.shp', `${filled(28, '\0\0\x27\x0a')}\xe8\x03\0\0`],
  ['video/mp4', '\0\0\0\x20ftypisom\0\0\x02\0'],
  ['video/quicktime', '\0\0\0\x14ftypqt  \0\0\0\0'],
  ['video/x-msvideo', 'RIFF\x24\0\0\0AVI LIST'],
  ['audio/wav', 'RIFF\x24\0\0\0WAVEfmt '],
  ['text/html', '\n<!DOCTYPE html>\n<html>'],
  ['text/html', '<html lang="en">'],
  ['application/xml', '<?xml version="1.0"?><kml/>'],
] as const;

describe('a file is recognised by its first bytes', () => {
  it.each(rasters)('%s, which GDAL reads: %j', (mediaType, start) => {
    expect(recogniseContent(bytes(start))).toMatchObject({ mediaType, isRaster: true });
  });

  it.each(others)('%s, of which no geo-raster can be made: %j', (mediaType, start) => {
    const recognised = recogniseContent(bytes(start));
    expect(recognised).toMatchObject({ mediaType, isRaster: false });
    expect(recognised?.name).toMatch(/^an? [A-Z0-9a-z]/);
  });

  it('as real programs write it', () => {
    expect(recogniseContent(PNG.sync.write(new PNG({ width: 1, height: 1 })))?.mediaType).toBe('image/png');
    expect(recogniseContent(gzipSync('words'))?.mediaType).toBe('application/gzip');
    expect(recogniseContent(startOf(process.execPath))?.name).toBe('a Linux program');
  });

  it.each([
    ['nothing', ''],
    ['a signature that is cut off', '\x89PN'],
    ['words', 'ncols are what this text is about'],
    ['a Windows program that is cut off', 'MZ\x90\0'],
    ['what begins like a Windows program', filled(200, 'MZ')],
    ['a container of something else', 'RIFF\x24\0\0\0CDR9'],
    ['heights without a header', '\x01\x90\x01\x91\x01\x92'],
  ])('and %s is not', (_, start) => {
    expect(recogniseContent(bytes(start))).toBeNull();
  });

  it('whatever follows', () => {
    fc.assert(
      fc.property(fc.constantFrom(...rasters, ...others), fc.uint8Array({ maxLength: 500 }), (file, tail) => {
        const [mediaType, start] = file;
        // A drawing is told from other XML, and a GeoPackage from other databases, by what comes later.
        fc.pre(!['application/xml', 'text/x-esri-ascii-grid'].includes(mediaType));
        const whole = new Uint8Array([...bytes(start.padEnd(300, '\0')), ...tail]);
        expect(recogniseContent(whole)?.mediaType).toBe(mediaType);
      }),
    );
  });

  it('and no bytes at all make it fail', () => {
    const anyStart = fc.constantFrom('', ...[...rasters, ...others].map(([, start]) => start));
    const size = fc.nat({ max: 200 });
    fc.assert(
      fc.property(anyStart, size, fc.uint8Array({ maxLength: 200 }), (start, length, tail) => {
        const head = new Uint8Array([...bytes(start.slice(0, length)), ...tail]);
        const recognised = recogniseContent(head);
        if (recognised !== null) expect(recognised.mediaType).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
        // The same in the middle of a larger buffer, as a download may give it.
        expect(recogniseContent(new Uint8Array([1, ...head, 2]).subarray(1, -1))).toEqual(recognised);
      }),
    );
  });
});

function startOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const head = new Uint8Array(1024);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}
