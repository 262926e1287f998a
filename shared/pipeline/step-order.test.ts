import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../tasks/implement-task.ts';
import { failing, noting, setSteppedScene, type Work } from './stepped-scene.ts';

describe('steps one after the other', () => {
  const inOrder =
    (names: readonly string[], ran: string[], end: () => Promise<unknown>): Work =>
    async ({ step }) => {
      for (const name of names) await step(name, noting(ran, name));
      return end();
    };
  const done = async () => 'done';

  it.each([
    ['were exchanged', ['b', 'a', 'c']],
    ['lost one', ['b', 'c']],
    ['got one in between', ['a', 'new', 'b', 'c']],
  ])('that %s since an earlier attempt fail it before any other effect', async (_, names) => {
    const before: string[] = [];
    const after: string[] = [];
    const scene = await setSteppedScene(inOrder(['a', 'b'], before, failing), inOrder(names, after, done));
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'RETRY', error: { type: 'StepOrderChanged' } });
    expect(after).toEqual([]);
  });

  it('may get more at their end', async () => {
    const ran: string[] = [];
    const scene = await setSteppedScene(
      inOrder(['a', 'b'], ran, failing),
      inOrder(['a', 'b', 'c'], ran, done),
    );
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS' });
    expect(ran.map((key) => key.split('/')[1])).toEqual(['a', 'b', 'c']);
  });
});

describe('steps side by side', () => {
  const chain = async ({ step }: TaskContext, names: readonly string[], ran: string[]) => {
    for (const name of names) await step(name, noting(ran, name));
  };

  it.each([
    ['alone', [['a'], ['b'], ['c']]],
    [
      'in chains',
      [
        ['a1', 'a2'],
        ['b1', 'b2', 'b3'],
      ],
    ],
  ])('may come in any order, %s', async (_, chains) => {
    const ran: string[] = [];
    const all = (order: readonly (readonly string[])[], end: () => Promise<unknown>): Work => {
      return async (context) => {
        await Promise.all(order.map((names) => chain(context, names, ran)));
        return end();
      };
    };
    const scene = await setSteppedScene(
      all(chains, failing),
      all(chains.toReversed(), failing),
      all(chains, async () => 'done'),
    );
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ error: { message: 'the upstream is down' } });
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS' });
    expect(ran.map((key) => key.split('/')[1]).sort()).toEqual(chains.flat().sort());
  });

  it('have no order, though one was under way when the other was asked for', async () => {
    const ran: string[] = [];
    const gate = Promise.withResolvers<string>();
    const scene = await setSteppedScene(
      async ({ step }) => {
        const a = step('a', () => gate.promise);
        await scene.ports.clock.advance(0);
        await step('b', noting(ran, 'b'));
        gate.resolve('a');
        await a;
        return failing();
      },
      async ({ step }) => [await step('b', noting(ran, 'b')), await step('a', noting(ran, 'a'))],
    );
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS', result: { json: '["b","a"]' } });
    expect(ran).toHaveLength(1);
  });

  it('are repeated only where they failed', async () => {
    const ran: string[] = [];
    const both =
      (b: (key: string) => Promise<unknown>): Work =>
      ({ step }) =>
        Promise.all([step('a', noting(ran, 'a')), step('b', b)]);
    const scene = await setSteppedScene(both(failing), both(noting(ran, 'b')));
    await scene.worker.poll();
    expect(await scene.nextAttempt()).toMatchObject({ state: 'SUCCESS', result: { json: '["a","b"]' } });
    expect(ran.map((key) => key.split('/')[1])).toEqual(['a', 'b']);
  });
});
