import { keyedId } from '../../lifecycle/keyed-id.ts';
import { readOutcome } from '../../pipeline/read-task.ts';
import { type Submission, submit } from '../../pipeline/submit.ts';
import { fireSchedule, systemTenant } from '../../schedules/fire-schedule.ts';
import { defineSchedule } from '../../schedules/schedule.ts';
import { ask } from '../ask-api.ts';
import type { Ask } from '../observation.ts';
import { type PlannedSubmission, tenant } from '../planned-action.ts';
import { okTask, simulatedTasks } from '../tasks.ts';
import type { World } from '../world.ts';
import type { KnownTasks } from './known-tasks.ts';

/** A client asks for a task, again if it hears nothing good, and looks whether it is there. */
export async function submitTask(world: World, known: KnownTasks, planned: PlannedSubmission): Promise<void> {
  const { n, task, input, priority, idempotencyKey } = planned;
  const spec = simulatedTasks.find(({ name }) => name === task);
  if (spec === undefined) throw new Error(`the plan asks for ${task}, which nobody knows`);
  const thing = input['thing'];
  const wish: Ask = { n, task, sameAs: idempotencyKey, thing: typeof thing === 'string' ? thing : null };
  const keyed = idempotencyKey !== null && {
    taskId: keyedId(tenant, task, idempotencyKey),
    digest: String(n),
  };
  const due = world.base.clock.now() + (planned.countdown ?? 0);
  const times = {
    eta: planned.countdown === null ? null : due,
    startBy: planned.startWithin === null ? null : due + planned.startWithin,
  };
  const submission: Submission = { spec, input, tenant, priority, ...times, ...keyed };
  for (let repeat = 0; repeat <= planned.repeats; repeat++) {
    world.observe({ kind: 'asked', ask: wish });
    const reply = await ask(world, 'api', (ports) => submit(ports, submission));
    world.journal.note('client', null, () => `asked for task ${n} (${task}): ${reply.kind}`);
    if (reply.kind === 'answered') {
      const { record, duplicate } = reply.value;
      known.set(n, record.taskId);
      world.observe({ kind: 'accepted', ask: wish, taskId: record.taskId, duplicate });
      await lookAt(world, record.taskId, tenant);
      return;
    }
    await new Promise<void>((resolve) => void world.base.clock.after(1000, resolve));
  }
}

/** A rule fires for a schedule's slot; a rule that fires twice is planned twice. */
export async function fireRule(world: World, slotMinute: number, n: number): Promise<void> {
  const schedule = defineSchedule({
    ...{ name: 'sim_minutely', task: okTask, input: { n }, cron: '* * * * *', timeZone: 'UTC' },
    description: 'Every minute.',
  });
  const begun = world.base.clock.now() - world.elapsed();
  const slot = begun - (begun % 60_000) + slotMinute * 60_000;
  const wish: Ask = { n, task: okTask.name, sameAs: `slot ${slotMinute}`, thing: null };
  world.observe({ kind: 'asked', ask: wish });
  const reply = await ask(world, 'beat', (ports) => fireSchedule(ports, schedule, slot));
  if (reply.kind !== 'answered' || reply.value === null) return;
  const { record, duplicate } = reply.value;
  world.observe({ kind: 'accepted', ask: wish, taskId: record.taskId, duplicate });
  await lookAt(world, record.taskId, systemTenant);
}

/** Who was told that a task is accepted finds it: unknown means that it was never there. */
async function lookAt(world: World, taskId: string, whose: string): Promise<void> {
  const reply = await ask(world, 'api', (ports) => readOutcome(ports, { tenant: whose, taskId }));
  if (reply.kind === 'answered' && reply.value === null) {
    world.observe({ kind: 'must-not-happen', taskId, what: 'was accepted, and then answered as unknown' });
  }
  if (reply.kind === 'failed' && reply.error instanceof Error && reply.error.name === 'PayloadMissing') {
    world.observe({ kind: 'must-not-happen', taskId, what: reply.error.message });
  }
}
