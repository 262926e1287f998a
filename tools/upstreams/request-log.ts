const KEPT = 10_000;
const SECRET_QUERY = new Set(['access_token', 'api_key', 'apikey', 'key', 'token']);

/** A request that a stand-in got; `status` is null until it is answered, and for ever when the connection was cut. */
export type ServedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly at: string;
  /** Its `X-Correlation-Id`; absent where it had none. */
  readonly correlation_id?: string;
  readonly status: number | null;
};

/** What a stand-in was asked, in order of arrival: the latest 10,000 requests. */
export type RequestLog = {
  /** Notes an arrival; call the function it returns with the status once answered. */
  readonly arrive: (
    method: string,
    path: string,
    query: URLSearchParams,
    at: Date,
    correlationId?: string,
  ) => (status: number) => void;
  readonly list: () => readonly ServedRequest[];
  readonly clear: () => void;
};

/** An empty request log; tokens and keys in the query are left out of it. */
export function createRequestLog(): RequestLog {
  let served: { -readonly [key in keyof ServedRequest]: ServedRequest[key] }[] = [];
  return {
    arrive: (method, path, query, at, correlationId) => {
      const open = [...query].filter(([name]) => !SECRET_QUERY.has(name.toLowerCase()));
      const entry = {
        method,
        path,
        query: Object.fromEntries(open),
        at: at.toISOString(),
        status: null as number | null,
        ...(correlationId !== undefined && { correlation_id: correlationId }),
      };
      served.push(entry);
      if (served.length > KEPT) served.shift();
      return (status) => {
        entry.status = status;
      };
    },
    list: () => served,
    clear: () => {
      served = [];
    },
  };
}
