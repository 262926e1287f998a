import type { Log } from './logging.ts';
import { sweepTemporaryFolders } from './temporary-folder.ts';

/**
 * Frees the disk of what an earlier process left; for a worker's start, to be awaited before its first work. Never
 * throws: work goes on without the space, and the log says why.
 */
export async function sweepAtStart(log: Log): Promise<void> {
  try {
    const folders = await sweepTemporaryFolders();
    if (folders > 0) log.warn('removed temporary folders that an earlier process left', { folders });
  } catch (error) {
    log.error('temporary folders of earlier processes not removed: the disk may be too full', { error });
  }
}
