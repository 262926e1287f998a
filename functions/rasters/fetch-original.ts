import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withTemporaryFolder } from '#functions/runtime/temporary-folder.ts';
import { OriginalLost, OriginalNotUploaded } from './raster-task.ts';
import { originalKey, type TreeItem } from './tree-item.ts';
import type { FileTransfer } from './tree-item-files.ts';

/** An original on this machine's disk, and an empty folder for what is made of it. */
export interface FetchedOriginal {
  /** In a folder of its own: GDAL looks at what lies beside it. */
  readonly input: string;
  readonly folder: string;
}

/**
 * Gives work an item's original in a temporary folder, which goes as `withTemporaryFolder` tells. The file has the ending
 * of the item's name, since some formats are told by it.
 *
 * Throws OriginalNotUploaded; OriginalLost when the file is gone or not the one that was checked; what S3, the disk and
 * the work throw; the signal's reason once it has aborted.
 */
export async function withOriginal<Value>(
  files: Pick<FileTransfer, 'read'>,
  item: TreeItem,
  signal: AbortSignal,
  work: (original: FetchedOriginal) => Promise<Value>,
): Promise<Value> {
  const { etag } = requireOriginal(item);
  try {
    return await withTemporaryFolder('raster', signal, async (attempt) => {
      const [own, folder] = [join(attempt, 'in'), join(attempt, 'out')];
      await Promise.all([mkdir(own), mkdir(folder)]);
      const input = join(own, `original${endingOf(item.name)}`);
      const bytes = await read(files, item, etag, signal);
      await pipeline(bytes, createWriteStream(input, { flags: 'wx' }), { signal });
      return work({ input, folder });
    });
  } catch (error) {
    // Streams and S3 tell of an abort in words of their own.
    signal.throwIfAborted();
    throw error;
  }
}

/** What was checked of an item's file. Throws OriginalNotUploaded. */
export function requireOriginal({ id, original }: TreeItem): NonNullable<TreeItem['original']> {
  if (original !== null) return original;
  throw new OriginalNotUploaded(
    `the file of tree item ${id} was not uploaded: upload it and confirm that, then try again`,
  );
}

async function read(
  files: Pick<FileTransfer, 'read'>,
  item: TreeItem,
  etag: string,
  signal: AbortSignal,
): Promise<Readable> {
  try {
    return await files.read(originalKey(item), etag, signal);
  } catch (cause) {
    const what = cause instanceof Error ? lost[cause.name] : undefined;
    if (what === undefined) throw cause;
    const words = `the file of tree item ${item.id} ${what}: upload it as a new item`;
    throw new OriginalLost(words, { cause });
  }
}

const lost: Readonly<Record<string, string>> = {
  FileGone: 'is gone',
  FileChanged: 'is not the one that was checked after its upload',
};

/** Nothing of a name but its ending gets into a path, and only of letters and digits. */
function endingOf(name: string): string {
  return /\.[a-z0-9]{1,8}$/.exec(name.toLowerCase())?.[0] ?? '';
}
