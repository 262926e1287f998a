/** A server that stands in for an AWS service on 127.0.0.1. */
export interface Emulator {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  /** Stops it; resolves when its thread or process is gone. Data stays. */
  stop(): Promise<void>;
  /** Resolves when it has ended: with the fault if it ended by itself, with undefined after `stop`. */
  readonly ended: Promise<Error | undefined>;
}
