/** What a function thread is born with. */
export interface ThreadData {
  clock: SharedArrayBuffer;
  functionName: string;
  codeDir: string;
  handler: string;
  memoryMb: number;
}

/** To the thread: run the handler once. */
export interface InvokeMessage {
  requestId: string;
  /** The event as JSON. */
  event: string;
  timeoutSeconds: number;
}

/** From the thread: the bundle is loaded, an invocation ended, or the thread is about to exit for a fault. */
export type ThreadMessage =
  | { kind: 'ready' }
  /** The returned value as JSON. */
  | { kind: 'returned'; payload: string }
  | { kind: 'threw'; errorType: string; errorMessage: string }
  | { kind: 'fatal'; errorType: string; errorMessage: string };
