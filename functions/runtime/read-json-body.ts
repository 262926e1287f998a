import { Problem } from './problem.ts';

/** The largest body that is read, in bytes once decoded: 1 MiB. */
export const largestBody = 1024 * 1024;

const json = /^application\/(?:[a-z0-9.+-]+\+)?json *(?:;|$)/i;

/** The parts of a payload 2.0 event that carry the body. */
export interface BodyEvent {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded: boolean;
}

/** The JSON value of a request's body. Throws a Problem: 415 for another type, 413 over 1 MiB, 400 when it is not JSON. */
export function readJsonBody(event: BodyEvent): unknown {
  const type = event.headers['content-type'];
  if (type === undefined || !json.test(type)) {
    const got = type === undefined ? 'no content-type' : `content-type ${type.slice(0, 100)}`;
    throw new Problem('unsupported-media-type', `send application/json; the request has ${got}`);
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > largestBody) {
    throw new Problem(
      'body-too-large',
      `the body has ${bytes.length} bytes; at most ${largestBody} are read`,
    );
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new Problem(
      'malformed-json',
      bytes.length === 0 ? 'the body is empty' : `the body is not JSON: ${reason}`,
    );
  }
}
