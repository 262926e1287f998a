/** Counts pieces of work that run now, so that others can wait for room or for quiet. */
export interface Activity {
  readonly inFlight: number;
  /** Pieces ever begun: unchanged between two looks means that nothing started in between. */
  readonly begun: number;
  /** Counts one piece in; the returned function counts it out, once, however often it is called. */
  begin(): () => void;
  /** Resolves when fewer than `limit` pieces are in flight, at once if that is so already. */
  onBelow(limit: number): Promise<void>;
  /** Resolves when nothing is in flight. */
  onIdle(): Promise<void>;
}

/** Creates an activity with nothing in flight. */
export function createActivity(): Activity {
  let inFlight = 0;
  let begun = 0;
  let waiting: { limit: number; resolve: () => void }[] = [];

  const end = () => {
    inFlight -= 1;
    const due = waiting.filter(({ limit }) => inFlight < limit);
    waiting = waiting.filter(({ limit }) => inFlight >= limit);
    for (const { resolve } of due) resolve();
  };
  const onBelow = (limit: number): Promise<void> => {
    if (inFlight < limit) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ limit, resolve });
    return promise;
  };
  return {
    get inFlight() {
      return inFlight;
    },
    get begun() {
      return begun;
    },
    begin: () => {
      inFlight += 1;
      begun += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        end();
      };
    },
    onBelow,
    onIdle: () => onBelow(1),
  };
}
