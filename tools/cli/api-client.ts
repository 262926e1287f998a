import * as z from 'zod';

const errorReply = z.object({ detail: z.string().optional(), title: z.string().optional() });

/** A reply that is not 2xx, told in the API's own words. */
export class ApiError extends Error {
  override name = 'ApiError';
}

/** Sends one request to the API and parses the answer. Throws ApiError for anything but 2xx. */
export type ApiClient = <Reply extends z.ZodType>(
  method: 'GET' | 'POST',
  path: string,
  reply: Reply,
  body?: unknown,
) => Promise<z.output<Reply>>;

/** A client of the API at `url` that shows `token`. */
export function createApiClient(url: string, token: string): ApiClient {
  return async (method, path, reply, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json: unknown = await response.json();
    if (response.ok) return reply.parse(json);
    const told = errorReply.safeParse(json).data;
    throw new ApiError(
      `${method} ${path} answered ${response.status}: ${told?.detail ?? told?.title ?? 'no reason given'}`,
    );
  };
}
