import type { Choices } from './choices.ts';
import type { PlannedAction, PlannedSubmission } from './planned-action.ts';

const minute = 60_000;

const strayBodies = ['no JSON', '{"v":2}', '{"v":1,"taskId":"nobody","epoch":1}'];

/** Draws what operators, schedules and deploys do while tasks run. */
export function planOperations(
  choices: Choices,
  activeMs: number,
  submissions: readonly PlannedSubmission[],
): PlannedAction[] {
  const some = (most: number, draw: () => PlannedAction[]) =>
    Array.from({ length: choices.between(0, most) }, draw).flat();
  const soon = (from = 0) =>
    Math.min(activeMs - 1, from + choices.between(0, activeMs - Math.min(from, activeMs)));
  return [
    ...submissions.flatMap((submission) => planInterference(choices, submission)),
    ...some(3, () => [drawRepeat(choices, choices.pick(submissions).n, soon())]),
    ...some(3, () => [{ kind: 'console-redrive', queue: choices.pick(['default', 'priority']), at: soon() }]),
    ...some(4, () => [{ kind: 'sweep-letters', at: soon() }]),
    ...some(1, () => [
      { kind: 'stray-message', queue: 'default', body: choices.pick(strayBodies), at: soon() },
    ]),
    ...some(4, () => [{ kind: 'nudge', n: choices.pick(submissions).n, at: soon() }]),
    ...some(1, () => planSlot(choices, soon())),
    ...(choices.chance(0.3) ? planDeploy(choices, soon(), activeMs) : []),
  ];
}

/** Somebody cancels a task, perhaps twice, or runs it again, perhaps with other arguments: one after the other. */
function planInterference(choices: Choices, { n, at, task }: PlannedSubmission): PlannedAction[] {
  const actions: PlannedAction[] = [];
  let time = at;
  if (choices.chance(0.25)) {
    time += choices.pick([200, 1500, 5000, 60_000]) + choices.between(0, 3000);
    actions.push({ kind: 'cancel', n, at: time });
    if (choices.chance(0.2)) actions.push({ kind: 'cancel', n, at: time + choices.between(0, 100) });
  } else if (!mayFail(task)) return actions;
  if (choices.chance(0.5)) return actions;
  time += choices.pick([50, 5000, 60_000, 120_000]) + choices.between(0, 1000);
  actions.push(drawRepeat(choices, n, time));
  // What was run again has left a letter behind that counts no longer.
  if (choices.chance(0.5)) actions.push({ kind: 'sweep-letters', at: time + choices.between(0, 10_000) });
  // Two operators at once.
  if (choices.chance(0.3)) actions.push(drawRepeat(choices, n, time + choices.between(0, 60)));
  return actions;
}

function drawRepeat(choices: Choices, n: number, at: number): PlannedAction {
  const kind = choices.pick(['retry', 'edited-retry', 'redrive'] as const);
  const whole = choices.chance(0.5);
  return kind === 'redrive' ? { kind, n, at, whole } : { kind, n, at };
}

function mayFail(task: string): boolean {
  return !['sim_ok', 'sim_progress', 'sim_large'].includes(task);
}

/** A rule that fires for one slot, at times twice. */
function planSlot(choices: Choices, at: number): PlannedAction[] {
  const firings = choices.between(1, 2);
  return Array.from({ length: firings }, (_, nth) => ({
    kind: 'schedule',
    slotMinute: Math.floor(at / minute),
    n: 1000,
    at: at + nth * choices.pick([0, 500]),
  }));
}

/** Other code for a while. */
function planDeploy(choices: Choices, at: number, activeMs: number): PlannedAction[] {
  return [
    { kind: 'deploy', at, version: choices.pick(['without-steps-task', 'other-step-order']) },
    { kind: 'deploy', at: choices.between(at, activeMs - 1), version: 'usual' },
  ];
}
