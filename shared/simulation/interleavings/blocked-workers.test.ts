import { describe, expect, it } from 'vitest';
import { minute, type Run, second, setScene } from './scene.ts';

describe('a worker whose event loop is blocked past its lease', () => {
  it('still records its outcome when nobody claimed the task meanwhile', async () => {
    const scene = setScene(async ({ process }: Run) => {
      await process.block(90 * second);
      return 'late';
    });
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.wait(90 * second);
    const result = { json: '"late"' };
    expect(await scene.record(taskId)).toMatchObject({
      state: 'SUCCESS',
      attempts: 1,
      lost: 0,
      claim: 1,
      result,
    });

    await scene.live(5 * minute);
    expect(scene.runs).toHaveLength(1);
    expect(await scene.history(taskId)).toBe('PENDING STARTED SUCCESS');
  });

  it.each([
    ['before the other attempt has ended', 90],
    ['after the other attempt has ended', 150],
  ])('records nothing when another worker has claimed the task, if it comes round %s', async (_, blocked) => {
    const scene = setScene(
      async ({ process }: Run) => {
        await process.block(blocked * second);
        return 'stale';
      },
      async ({ process }: Run) => {
        await process.sleep(minute);
        return 'fresh';
      },
    );
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.live(3 * minute);
    expect(scene.runs.map(({ at }) => at - (scene.runs[0]?.at ?? 0))).toEqual([0, minute]);
    expect(scene.events.filter((kind) => kind === 'superseded')).toHaveLength(1);
    const result = { json: '"fresh"' };
    expect(await scene.record(taskId)).toMatchObject({
      state: 'SUCCESS',
      attempts: 1,
      lost: 1,
      claim: 2,
      result,
    });
    expect(await scene.history(taskId)).toBe('PENDING STARTED STARTED SUCCESS');
    expect(scene.letters()).toEqual([]);
  });

  it('notices at once that it was superseded, and aborts its work', async () => {
    const scene = setScene(
      async ({ process, context }: Run) => {
        await process.block(90 * second);
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        return 'stale';
      },
      async ({ process }: Run) => {
        await process.sleep(2 * minute);
        return 'fresh';
      },
    );
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.live(91 * second);
    expect(scene.runs.map(({ context }) => context.signal.aborted)).toEqual([true, false]);
    await scene.live(2 * minute);
    expect(await scene.record(taskId)).toMatchObject({
      state: 'SUCCESS',
      claim: 2,
      result: { json: '"fresh"' },
    });
  });
});

describe('a step of a stale attempt', () => {
  it('is refused: what the newer attempt recorded stays, and an at-most-once effect does not happen', async () => {
    const effects: string[] = [];
    const ends: unknown[] = [];
    const scene = setScene(
      async ({ process, context }: Run) => {
        await process.block(90 * second);
        const steps = await Promise.allSettled([
          context.step('notify', async () => effects.push('stale notify')),
          context.step('charge', async () => effects.push('stale charge'), { atMostOnce: true }),
        ]);
        ends.push(...steps.map((step) => (step.status === 'rejected' ? step.reason.name : step.value)));
      },
      async ({ process, context }: Run) => {
        await context.step('notify', async () => effects.push('fresh notify'));
        await process.sleep(minute);
        await context.step('charge', async () => effects.push('fresh charge'), { atMostOnce: true });
        return 'fresh';
      },
    );
    const taskId = await scene.submit();
    void scene.worker().poll();
    await scene.live(3 * minute);
    expect(ends).toEqual(['ClaimLost', 'ClaimLost']);
    // A plain effect comes before its record and so may be repeated; an at-most-once one comes after its mark.
    expect(effects).toEqual(['fresh notify', 'stale notify', 'fresh charge']);
    const steps = await scene.world.store.readSteps(taskId);
    expect(steps.map(({ name, claim }) => `${name} ${claim}`)).toEqual(['notify 2', 'charge 2']);
    expect(steps.map(({ value }) => value)).toMatchObject([{ json: '1' }, { json: '3' }]);
    expect(await scene.record(taskId)).toMatchObject({ state: 'SUCCESS', claim: 2, lost: 1, attempts: 1 });
  });
});
