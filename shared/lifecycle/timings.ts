const second = 1000;
const minute = 60 * second;

/** The waits and limits that the lifecycle is built on, in milliseconds unless named otherwise. */
export const timings = {
  /** A claim holds this long without renewal; then the worker counts as lost. */
  lease: 45 * second,
  /** Three renewals fit into a lease, so two may fail. */
  renewEvery: 15 * second,
  /** A hint that comes this much early is still taken. */
  earlyTolerance: 2 * second,
  /** A running task's record is read this often, to see whether somebody asked for its cancel. */
  cancelPoll: 4 * second,
  /** Work that goes on after a cancel asked it to stop is cut off after this. */
  cancelGrace: 5 * second,
  /** The reconciler's first look at a submitted task: its message may have been lost. */
  firstLook: 30 * second,
  /** How long after its due time a hidden message is given to show up by itself. */
  grace: 30 * second,
  /** How long after a lease has run out the reconciler looks. */
  afterLease: 5 * second,
  /** The first wait between two sends of the same phase; doubled each time. */
  resendFirst: minute,
  /** The longest wait between two sends of the same phase. */
  resendCap: 6 * 60 * minute,
  /** The longest delay that visibility may carry; beyond it the reconciler sends. SQS would allow 12 hours. */
  visibilityLimit: 15 * minute,
  /** The reconciler sends the message of a task that is due later this much ahead, delayed to the very second. */
  lookAhead: 5 * minute,
  /** Longest that a worker waits for a rate limit to open, rather than put the task off. */
  gateWait: 3 * second,
  /** The first wait for a free place under a concurrency key; doubled each time. */
  snoozeFirst: 5 * second,
  snoozeCap: minute,
  /** A hook that takes longer is not waited for. */
  hookLimit: 5 * second,
  /** Time that a step is given at least, when a long task decides whether to go on in a fresh invocation. */
  stepReserve: 30 * second,
  /** The longest time that a task can be put off when it is submitted. */
  longestDelay: 365 * 24 * 60 * minute,
  /** Progress is written at most this often. */
  progressEvery: second,
  /** A message that met a fault of the store or the queue is tried again after this. */
  faultDelay: 30 * second,
  /** Workers that may die over one task in one epoch before it ends WorkerLost; counted anew whenever it goes on elsewhere. */
  lostWorkers: 3,
  keepSucceeded: 14 * 24 * 60 * minute,
  keepFailed: 30 * 24 * 60 * minute,
} as const;
