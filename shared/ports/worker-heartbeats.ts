/** When a worker was last seen alive; one time a worker, whichever of its instances told it. */
export interface WorkerHeartbeats {
  /** Notes that an instance of the worker was alive at `at`, in milliseconds since the epoch. */
  beat(worker: string, at: number): Promise<void>;
  /** The time that was noted last, or null when none ever was. */
  last(worker: string): Promise<number | null>;
}
