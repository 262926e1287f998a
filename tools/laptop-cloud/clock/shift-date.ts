/**
 * Replaces this thread's `Date` by one that carries the laptop clock's offset in `now()`, `new Date()` and
 * `Date()`. Everything else is the real Date's: one prototype, so `instanceof` and `structuredClone` hold for
 * dates made before and after, and subclasses work. Timers, `performance` and `Intl` formatting without a
 * date keep real time, and a thread that this thread starts begins unshifted.
 * @param buffer the shared memory of a `LaptopClock`
 */
export function installShiftedDate(buffer: SharedArrayBuffer): void {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now.bind(RealDate);
  const cell = new BigInt64Array(buffer);
  const now = () => realNow() + Number(Atomics.load(cell, 0));

  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
  });
  // Code that kept a reference to the real Date before, or reaches it through a date's constructor, must not
  // escape the offset.
  RealDate.now = now;
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
}
