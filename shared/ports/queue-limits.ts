/** The longest delay of a message, in seconds. Source: Amazon SQS, SendMessage, DelaySeconds. */
export const longestDelay = 900;
/** The longest time a received message can be hidden, in seconds. Source: Amazon SQS, ChangeMessageVisibility. */
export const longestVisibility = 43_200;

/** The delay in whole seconds, rounded up; throws RangeError outside 0–900, which SQS would refuse. */
export function wholeDelay(seconds: number): number {
  const whole = Math.ceil(seconds);
  if (whole >= 0 && whole <= longestDelay) return whole;
  throw new RangeError(
    `a message can be delayed by 0–${longestDelay} seconds, not ${seconds}: leave longer waits to the reconciler`,
  );
}

/** The time to hide a message in whole seconds, rounded up and brought into 0–43200. */
export function wholeVisibility(seconds: number): number {
  return Math.min(longestVisibility, Math.max(0, Math.ceil(seconds)));
}
