/** Tells each step's place in the order of steps, as long as an order is certain. */
export interface StepOrder {
  /** Called when a step is asked for; its place, or null once steps have run side by side. */
  begin(): number | null;
  /** Called when a step has ended, in whatever way. */
  end(): void;
}

/**
 * Starts counting. The order is certain while each step is asked for after the one before has ended; steps that run side
 * by side may come in another order next time, so from then on there is none.
 */
export function createStepOrder(): StepOrder {
  let asked = 0;
  let active = 0;
  let inLine = true;
  return {
    begin() {
      inLine = inLine && active === 0;
      active++;
      return inLine ? asked++ : null;
    },
    end() {
      active--;
    },
  };
}
