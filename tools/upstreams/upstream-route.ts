import type { IncomingHttpHeaders } from 'node:http';

/** A request as a stand-in's route sees it; `path` is the undecoded path without the query. */
export type UpstreamRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** What a stand-in answers; a body's length is set by the frame. */
export type UpstreamReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** One endpoint of a stand-in; `path` is exact or holds `*` for any run of characters. */
export type UpstreamRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly handle: (request: UpstreamRequest) => UpstreamReply | Promise<UpstreamReply>;
};

/** A reply with a JSON body. */
export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): UpstreamReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}
