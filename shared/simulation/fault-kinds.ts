/** Everything that may go wrong in a simulated run. */
export const faultKinds = [
  // At a call of a port; the SDK tries a call up to three times.
  'throttled',
  'reply-lost',
  'applied-late',
  'all-tries-fail',
  'crash-before-call',
  'crash-after-call',
  // To a process.
  'killed',
  'stalled',
  'clock-moved',
  'lives-on',
  // To messages and to what brings them.
  'message-dropped',
  'message-duplicated',
  'message-delayed',
  'delete-lost',
  // To the reconciler and what it sees.
  'index-lag',
  'reconciler-missed',
  'reconciler-doubled',
] as const;

/** One kind of fault. */
export type FaultKind = (typeof faultKinds)[number];

/** How likely each kind of fault is wherever it could strike, 0–1. */
export type Weather = Readonly<Record<FaultKind, number>>;
