import { expect, it } from 'vitest';
import { setFixtureScene } from './fixture-scene.ts';
import { reconcile } from './reconcile.ts';

it('a message of a newer version ends as a dead letter that says so, and its task runs by a message of this one', async () => {
  const { ports, worker, submit, record } = setFixtureScene();
  const taskId = await submit({ mode: 'ok' });
  // As newer code would have sent it, before it was rolled back.
  const [sent] = ports.queue.receive('default', { visibilitySeconds: 43_200 });
  const newer = JSON.stringify({ ...JSON.parse(sent?.body ?? ''), v: 2 });
  ports.queue.sendRaw('default', newer);

  await worker.poll();
  const [letter] = ports.queue.deadLetters('default');
  expect(letter?.body).toBe(newer);
  expect(letter?.attributes['reason']).toMatch(/expected 1.*at v$/s);
  expect(await record(taskId)).toMatchObject({ state: 'PENDING', attempts: 0 });

  await ports.clock.advance(3_600_000);
  await reconcile(ports, { deadline: Number.POSITIVE_INFINITY });
  await worker.poll();
  expect(await record(taskId)).toMatchObject({ state: 'SUCCESS' });
});
