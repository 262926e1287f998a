import type { Choices } from './choices.ts';
import type { PlannedSubmission } from './planned-action.ts';
import {
  failsTask,
  filling,
  guardedTask,
  hangsTask,
  hostTask,
  largeTask,
  longTask,
  okTask,
  permanentTask,
  poisonTask,
  progressTask,
  rateTask,
  retryAfterTask,
  stepsTask,
  uniqueTask,
} from './tasks.ts';

/** Draws who asks for which tasks when. */
export function planSubmissions(choices: Choices, activeMs: number): PlannedSubmission[] {
  const planned: PlannedSubmission[] = [];
  const total = choices.between(4, 14);
  // In bursts, so that batches hold more than one message.
  const bursts = Array.from({ length: 3 }, () => choices.between(0, Math.floor(activeMs * 0.7)));
  for (let n = 1; n <= total; n++) {
    const at = choices.pick(bursts) + choices.between(0, 2000);
    const wish = drawTask(choices, n);
    const priority = choices.chance(0.2) ? 'high' : 'normal';
    const idempotencyKey = choices.chance(0.3) ? `key-${n}` : null;
    const submission = {
      kind: 'submit',
      at,
      n,
      priority,
      idempotencyKey,
      repeats: choices.between(0, 2),
      ...drawTimes(choices),
      ...wish,
    } as const;
    planned.push(submission);
    // The same request once more, perhaps at the very same time: by a second client, or a second click.
    if (idempotencyKey !== null && choices.chance(0.5))
      planned.push({ ...submission, at: at + choices.pick([0, 5, 30_000]) });
  }
  for (const draw of bursts)
    if (choices.chance(0.25)) planned.push(...planRush(choices, draw, planned.length));
  return planned;
}

/** Many tasks of one limit at once. */
function planRush(choices: Choices, at: number, before: number): PlannedSubmission[] {
  const kind = choices.pick([rateTask.name, hostTask.name, guardedTask.name]);
  return Array.from({ length: choices.between(3, 5) }, (_, nth) => {
    const n = 100 + before + nth;
    const input = {
      n,
      ...(kind !== guardedTask.name && { fails: choices.chance(0.3) }),
      ...(kind === hostTask.name && { host: 'a' }),
    };
    const when = { kind: 'submit', at: at + choices.between(0, 100), repeats: 1 } as const;
    return { ...when, ...atOnce, n, task: kind, input, priority: 'normal', idempotencyKey: null };
  });
}

const atOnce = { countdown: null, startWithin: null } as const;

/** Most tasks are to run at once; of the others some so much later that no message waits for them. */
function drawTimes(choices: Choices): Pick<PlannedSubmission, 'countdown' | 'startWithin'> {
  const far = choices.chance(0.12);
  const seconds = far ? choices.between(901, 1500) : choices.pick([3, 40, 200, 500]);
  const countdown = choices.chance(0.2) ? (seconds + choices.fraction()) * 1000 : null;
  const startWithin = choices.chance(0.15) ? choices.pick([1, 2000, 40_000, 600_000]) : null;
  return { countdown: countdown === null ? null : Math.round(countdown), startWithin };
}

type Wish = Pick<PlannedSubmission, 'task' | 'input'>;

function drawTask(choices: Choices, n: number): Wish {
  const wishes: readonly (() => Wish)[] = [
    () => ({ task: okTask.name, input: { n } }),
    () => ({ task: progressTask.name, input: { n } }),
    () => drawSteps(choices, n),
    () => drawSteps(choices, n),
    () => drawSteps(choices, n),
    () => ({ task: failsTask.name, input: { n, times: choices.between(1, 3) } }),
    () => ({ task: permanentTask.name, input: { n } }),
    () => ({ task: retryAfterTask.name, input: { n, seconds: choices.pick([5, 120, 1200]) } }),
    () => ({ task: hangsTask.name, input: { n, deaf: choices.chance(0.5) } }),
    () => ({ task: poisonTask.name, input: { n } }),
    () => ({ task: largeTask.name, input: { n, filling } }),
    () => ({ task: uniqueTask.name, input: { n, thing: choices.pick(['a', 'b']) } }),
    () => ({ task: uniqueTask.name, input: { n, thing: 'a' } }),
    () => {
      const diesAfter = choices.pick([null, null, null, null, 2, 6]);
      return { task: longTask.name, input: { n, steps: choices.between(3, 12), diesAfter } };
    },
    () => ({ task: rateTask.name, input: { n, fails: choices.chance(0.3) } }),
    () => ({
      task: hostTask.name,
      input: { n, host: choices.pick(['a', 'b']), fails: choices.chance(0.3) },
    }),
  ];
  return choices.pick(wishes)();
}

function drawSteps(choices: Choices, n: number): Wish {
  return {
    task: stepsTask.name,
    input: {
      n,
      sideBySide: choices.chance(0.2),
      atMostOnce: choices.chance(0.4),
      failAfter: choices.pick([null, null, 0, 1]),
      failures: choices.pick([1, 1, 2, 9]),
      stallMs: choices.pick([0, 0, 20_000, 60_000, 100_000]),
      large: choices.chance(0.2),
    },
  };
}
