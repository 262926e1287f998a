/** A step's place in the order of steps, as long as there is one. */
export interface StepPlace {
  /** 0 for the first; null once steps have run side by side, be it this one or others before it. */
  position(): number | null;
  /** Called when the step has ended, in whatever way. */
  end(): void;
}

/** Tells each step's place in the order of steps. */
export interface StepOrder {
  /** Called when a step is asked for. */
  begin(): StepPlace;
}

/**
 * Starts counting. The order is certain while each step is asked for after the one before has ended; steps that run side
 * by side may come in another order next time, so none of them has a place, nor has any that follows. The first of them
 * is alone at first: its place counts only when it is looked at while no other has been asked for.
 */
export function createStepOrder(): StepOrder {
  let asked = 0;
  let active = 0;
  let inLine = true;
  return {
    begin() {
      inLine = inLine && active === 0;
      active++;
      const own = asked++;
      return {
        position: () => (inLine ? own : null),
        end() {
          active--;
        },
      };
    },
  };
}
