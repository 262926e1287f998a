import { AsyncLocalStorage } from 'node:async_hooks';

type OnStray = (error: unknown) => void;
type Listener = (error: unknown, promise: Promise<unknown>) => void;

const scopes = new AsyncLocalStorage<OnStray>();

/**
 * Runs work so that a promise of its own that is rejected and handled by nobody is told to `onStray`, also after the work
 * has ended. Needs {@link catchStrayRejections}, once for each thread.
 *
 * Node (24, see the tests) runs the `unhandledRejection` listeners in the context in which the promise was rejected: for
 * an async function and for what `then` returns, that is where it was called, whoever else had a hand in it. Only a bare
 * `new Promise` belongs to the caller of its `reject`, which can be another task or none.
 */
export function withStrayRejections<Value>(work: () => Promise<Value>, onStray: OnStray): Promise<Value> {
  return scopes.run(onStray, work);
}

/**
 * Takes over this thread's unhandled rejections: those that arise in a scope of {@link withStrayRejections} go to it, any
 * other to the listeners that were there before, or, without any, end the process as Node would. Returns the undoing.
 *
 * Exceptions that nobody catches still end the process. Their task could be told as well, but they break off
 * whatever they pass through: after a request's `error` that nobody listened to, its keep-alive agent served no other.
 */
export function catchStrayRejections(): () => void {
  // Added by Lambda's runtime before it loads a function: this one ends the process.
  const before = process.listeners('unhandledRejection') as Listener[];
  const listener: Listener = (error, promise) => {
    const onStray = scopes.getStore();
    if (onStray) onStray(error);
    else if (before.length === 0) throw error;
    else for (const earlier of before) earlier(error, promise);
  };
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listener);
  return () => {
    process.removeListener('unhandledRejection', listener);
    for (const earlier of before) process.on('unhandledRejection', earlier);
  };
}
