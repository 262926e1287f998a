import { beforeEach, describe, expect, it } from 'vitest';
import type { StepRecord } from '../lifecycle/step-record.ts';
import { attentionShards, type TaskStore } from '../ports/task-store.ts';
import { fixtureTime, recordIn, successor } from './record-fixtures.ts';

const started = recordIn('STARTED');
const { taskId } = started;

/** A step of the fixtures' first attempt, with `changes`. */
export function stepOf(changes: Partial<StepRecord> = {}): StepRecord {
  return {
    name: 'geocode',
    position: 0,
    value: { kind: 'inline', json: '{"formatted_address":"Denver, Colorado"}' },
    taskCreatedAt: fixtureTime,
    claim: 1,
    at: fixtureTime + 500,
    ...changes,
  };
}

/** The part of the contract about steps. */
export function describeSteps(makeStore: () => Promise<TaskStore>): void {
  describe('saveStep and readSteps', () => {
    let store: TaskStore;
    beforeEach(async () => {
      store = await makeStore();
    });

    const namesOf = async (id: string) => (await store.readSteps(id)).map(({ name }) => name).sort();

    it('read nothing where no step was recorded', async () => {
      await store.create(started);
      expect(await store.readSteps(taskId)).toEqual([]);
      expect(await store.readSteps('nobody')).toEqual([]);
    });

    it.each([
      ['with an inline value', stepOf()],
      [
        'with a stored value',
        stepOf({ value: { kind: 'stored', key: 'payloads/a/1/1/step/b.json', bytes: 9000 } }),
      ],
      ['that has begun', stepOf({ value: null })],
      ['that ran beside another', stepOf({ position: null })],
      ['with every sign that a name may have', stepOf({ name: 'tile:12/3-a_b.c' })],
    ])('give back a step %s as it was', async (_, step) => {
      await store.create(started);
      expect(await store.saveStep(taskId, step)).toBe(true);
      expect(await store.readSteps(taskId)).toEqual([step]);
    });

    it('take steps of a task that tells its progress', async () => {
      await store.create(recordIn('PROGRESS'));
      expect(await store.saveStep(taskId, stepOf())).toBe(true);
    });

    it('replace a step of the same name', async () => {
      await store.create(started);
      await store.saveStep(taskId, stepOf({ value: null }));
      await store.saveStep(taskId, stepOf({ at: fixtureTime + 900 }));
      expect(await store.readSteps(taskId)).toEqual([stepOf({ at: fixtureTime + 900 })]);
    });

    it('repeat a step that was recorded already', async () => {
      await store.create(started);
      expect(await store.saveStep(taskId, stepOf())).toBe(true);
      expect(await store.saveStep(taskId, stepOf())).toBe(true);
      expect(await store.readSteps(taskId)).toEqual([stepOf()]);
    });

    it('keep tasks apart', async () => {
      for (const id of ['task-1', 'task-10']) {
        await store.create(recordIn('STARTED', { taskId: id }));
        await store.saveStep(id, stepOf({ name: `of-${id}` }));
      }
      expect(await namesOf('task-1')).toEqual(['of-task-1']);
      expect(await namesOf('task-10')).toEqual(['of-task-10']);
    });

    it('leave the record alone, and the listings', async () => {
      await store.create(started);
      await store.saveStep(taskId, stepOf());
      expect(await store.read(taskId)).toEqual(started);
      const { items } = await store.list({ tenant: started.tenant, limit: 10, now: fixtureTime });
      expect(items).toEqual([started]);
      const due = await Promise.all(
        attentionShards.map((shard) => store.due(shard, fixtureTime + 90_000, 10)),
      );
      expect(due.flatMap((page) => page.items)).toEqual([{ taskId, wakeAt: started.wakeAt }]);
    });

    it("refuse a stale attempt, and keep the newer one's step", async () => {
      await store.create(recordIn('STARTED', { claim: 2 }));
      const newer = stepOf({ claim: 2 });
      await store.saveStep(taskId, newer);
      expect(await store.saveStep(taskId, stepOf({ value: { kind: 'inline', json: '"stale"' } }))).toBe(
        false,
      );
      expect(await store.saveStep(taskId, stepOf({ name: 'another' }))).toBe(false);
      expect(await store.readSteps(taskId)).toEqual([newer]);
    });

    it('refuse a claim that nobody has drawn', async () => {
      await store.create(started);
      expect(await store.saveStep(taskId, stepOf({ claim: 2 }))).toBe(false);
    });

    it.each(['PENDING', 'RETRY', 'SUCCESS', 'FAILURE', 'CANCELLED'] as const)(
      'refuse a step of a %s task',
      async (state) => {
        await store.create(recordIn(state, { claim: 1 }));
        expect(await store.saveStep(taskId, stepOf())).toBe(false);
        expect(await store.readSteps(taskId)).toEqual([]);
      },
    );

    it('refuse a step of a task that is gone, and do not bring it back', async () => {
      expect(await store.saveStep(taskId, stepOf())).toBe(false);
      expect(await store.read(taskId)).toBeNull();
      expect(await store.readSteps(taskId)).toEqual([]);
    });

    it('keep the steps when the task has ended and lives again', async () => {
      await store.create(started);
      await store.saveStep(taskId, stepOf());
      const failed = successor(started, recordIn('FAILURE'));
      await store.save(failed, started, { wakeBy: null });
      const again = successor(failed, recordIn('STARTED', { epoch: 2, claim: 2 }));
      await store.save(again, failed, { wakeBy: null });
      expect(await store.saveStep(taskId, stepOf({ name: 'elevation', claim: 2 }))).toBe(true);
      expect(await namesOf(taskId)).toEqual(['elevation', 'geocode']);
    });

    it('read all steps, though they are more than one answer can carry', async () => {
      await store.create(started);
      const large = { kind: 'inline', json: JSON.stringify('x'.repeat(300_000)) } as const;
      const names = Array.from({ length: 5 }, (_, n) => `part-${n}`);
      for (const name of names) await store.saveStep(taskId, stepOf({ name, value: large }));
      expect(await namesOf(taskId)).toEqual(names);
    });
  });
}
