import { PermanentError } from '#shared/tasks/task-errors.ts';

/** This file cannot become a geo-raster, now or later; the message says why, in GDAL's words where GDAL said it. */
export class RasterRefused extends PermanentError {
  override name = 'RasterRefused';
}

/** What is made of this file does not fit on the worker's disk; another attempt has no larger one. */
export class DiskFull extends PermanentError {
  override name = 'DiskFull';
}

/** With less than this left, GDAL's `Write error`, which tells no reason, is for want of room. */
const noRoom = 64_000_000;

/** DiskFull for an error that tells of a full disk, `free` bytes being left of it; any other error as it is. */
export function tellDiskFull(error: unknown, free: number): unknown {
  const words = error instanceof Error ? error.message : '';
  const isFull =
    /No space left|ENOSPC/.test(words) || (/write error|WriteEncoded/i.test(words) && free < noRoom);
  if (!isFull) return error;
  const message = 'The disk of the worker is full: save the image with fewer pixels, or in parts';
  return new DiskFull(message, { cause: error });
}
