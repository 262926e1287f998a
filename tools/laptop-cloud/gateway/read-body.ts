import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body.
 * @param most bytes; what goes beyond is read and dropped, so that the client gets to hear the answer
 * @returns null when the body is larger
 */
export async function readBody(incoming: IncomingMessage, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) chunks.length = 0;
    else chunks.push(chunk);
  }
  return size > most ? null : Buffer.concat(chunks);
}
