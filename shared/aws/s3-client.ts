import { S3Client } from '@aws-sdk/client-s3';
import { bounded, type ClientSettings } from './clients.ts';

/**
 * An S3 client; `forcePathStyle` for emulators, whose buckets have no host names of their own. Apart from the other
 * clients, because it is the largest and not all need it.
 */
export function s3Client(settings: ClientSettings & { readonly forcePathStyle?: boolean } = {}): S3Client {
  return new S3Client({ ...bounded(settings), forcePathStyle: settings.forcePathStyle ?? false });
}
