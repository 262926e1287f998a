import type { StepRecord } from '../lifecycle/step-record.ts';
import type { RunningRecord, StoredValue } from '../lifecycle/task-record.ts';
import type { PipelinePorts } from '../ports/pipeline-ports.ts';
import type { StepOptions } from '../tasks/implement-task.ts';
import { PermanentError } from '../tasks/task-errors.ts';
import { ClaimLost } from './attempt-errors.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import type { Continuation } from './continuation.ts';
import { loadValue, stepKey, storeValue } from './payloads.ts';
import { asPipelineFault } from './pipeline-fault.ts';
import { createStepOrder, type StepPlace } from './step-order.ts';

/** An at-most-once step had begun in an earlier attempt and nobody knows how it ended: it is not repeated. */
export class StepUncertain extends PermanentError {
  override name = 'StepUncertain';
}

/** The task's code asks for other steps than an earlier attempt recorded: it was changed under a running task. */
export class StepOrderChanged extends Error {
  override name = 'StepOrderChanged';
}

/** Runs a step, or gives back what an earlier attempt recorded of it. */
export type RunStep = <Value>(
  name: string,
  effect: (key: string) => Promise<Value>,
  options?: StepOptions,
) => Promise<Value>;

const namePattern = /^[\w.:/-]{1,100}$/;

/**
 * Opens the steps of an attempt. What earlier attempts recorded is read once, when the first step is asked for; the first
 * attempt on its arguments has nothing to read. Steps may run side by side. `RunStep` throws StepUncertain, StepOrderChanged, ClaimLost,
 * TypeError for a name that is no name or was used before in this attempt, and whatever the effect throws.
 */
export function openSteps(
  ports: PipelinePorts,
  writer: AttemptWriter,
  record: RunningRecord,
  continuation: Continuation,
): RunStep {
  const { taskId, epoch, claim, stepsAfter, createdAt: taskCreatedAt } = record;
  const order = createStepOrder();
  const used = new Set<string>();
  let reading: Promise<readonly StepRecord[]> | null = claim === stepsAfter + 1 ? Promise.resolve([]) : null;
  // Edited arguments ask for other effects than those that an upstream has seen under the old ones.
  const keyPrefix = stepsAfter === 0 ? taskId : `${taskId}/${stepsAfter}`;

  async function readSteps(): Promise<readonly StepRecord[]> {
    const steps = await asPipelineFault('read the steps', () => ports.store.readSteps(taskId));
    return steps.filter((step) => step.taskCreatedAt === taskCreatedAt && step.claim > stepsAfter);
  }

  async function load<Value>(name: string, value: StoredValue): Promise<Value> {
    return (await asPipelineFault(`load step ${name}`, () => loadValue(ports.payloads, value))) as Value;
  }

  async function save(name: string, place: StepPlace, value: StepRecord['value']): Promise<void> {
    const position = place.position();
    const step = { name, position, value, taskCreatedAt, claim, at: ports.clock.now() };
    const saved = await asPipelineFault(`record step ${name}`, () => writer.saveStep(step));
    if (!saved) throw new ClaimLost(`task ${taskId} was claimed by another worker`);
  }

  async function perform<Value>(
    name: string,
    place: StepPlace,
    effect: (key: string) => Promise<Value>,
    options: StepOptions,
  ): Promise<Value> {
    reading ??= readSteps();
    const recorded = await reading;
    refuseOtherOrder(recorded, name, place.position());
    const known = recorded.find((step) => step.name === name);
    if (known?.value) return load<Value>(name, known.value);
    if (known) throw new StepUncertain(`step ${name} had begun and nobody knows how it ended`);
    return continuation.run(() => performOnce(name, place, effect, options));
  }

  async function performOnce<Value>(
    name: string,
    place: StepPlace,
    effect: (key: string) => Promise<Value>,
    { atMostOnce = false }: StepOptions,
  ): Promise<Value> {
    if (atMostOnce) await save(name, place, null);
    const result = await effect(`${keyPrefix}/${name}`);
    const key = stepKey(taskId, epoch, claim, name);
    const value = await asPipelineFault(`store step ${name}`, () => storeValue(ports.payloads, key, result));
    await save(name, place, value);
    // What a replay will see, and not the object itself: otherwise a Date would be a text only the second time.
    return load<Value>(name, value);
  }

  return async (name, effect, options = {}) => {
    if (!namePattern.test(name))
      throw new TypeError(`"${name}" is no name for a step: it must match ${namePattern}`);
    if (used.has(name))
      throw new TypeError(`step ${name} was asked for before in this attempt: give each its own name`);
    used.add(name);
    const place = order.begin();
    try {
      return await perform(name, place, effect, options);
    } finally {
      place.end();
    }
  };
}

function refuseOtherOrder(recorded: readonly StepRecord[], name: string, position: number | null): void {
  const before = position === null ? undefined : recorded.find((step) => step.position === position);
  if (before === undefined || before.name === name) return;
  throw new StepOrderChanged(
    `step ${position} was ${before.name} in an earlier attempt and is ${name} now: let running tasks end, or keep the order`,
  );
}
