import type { ControlAnswer, ControlCall } from './control-api.ts';

/** A REST call that was looked for: what its path names, and its query. */
export interface RestCall {
  readonly named: string;
  readonly query: URLSearchParams;
}

/** Takes a call apart; null unless it has this method and path, whose first group is what it names. */
export function matchCall(
  { method, target }: ControlCall,
  wanted: { method: string; path: RegExp },
): RestCall | null {
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  const match = method === wanted.method ? wanted.path.exec(pathname) : null;
  return match && { named: decodeURIComponent(match[1] ?? ''), query: searchParams };
}

/** A successful answer of a REST API with a JSON body. */
export function restResult(status: number, value: unknown): ControlAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
