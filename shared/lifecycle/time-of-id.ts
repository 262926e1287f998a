const uuid7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7/;

/**
 * When an id was made, in milliseconds since the epoch, read off the id itself; null for an id that is no UUIDv7.
 * Source: RFC 9562, 5.7: the first 48 bits are the time.
 */
export function timeOfId(id: string): number | null {
  const found = uuid7.exec(id);
  return found ? Number.parseInt(`${found[1]}${found[2]}`, 16) : null;
}
