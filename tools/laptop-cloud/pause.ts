/** Resolves after `ms` milliseconds of real time, or as soon as `signal` aborts; leaves no timer behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const cut = () => resolve();
  signal.addEventListener('abort', cut);
  if (signal.aborted) cut();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cut);
  });
}
