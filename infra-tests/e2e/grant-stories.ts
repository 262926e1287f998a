import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { queueNames } from '#shared/tasks/define-task.ts';
import { createLocation, submitTask } from './api-calls.ts';
import { answers, ends, notIn, send, submitAll, until } from './grant-calls.ts';
import { startMaking, uploadPng } from './grant-rasters.ts';
import type { GrantStory } from './grant-world.ts';

const hello = { task: 'test_celery', input: { message: 'hello' } };
/** In JSON each character takes six bytes: arguments and result lie beside the record. */
const large = { task: 'test_celery', input: { message: '\u0001'.repeat(1000) } };

const sweep = z.object({ deleted: z.int() });

/** Everything that the functions are there for but rasters, told as briefly as it can be. */
export const grantStories: readonly GrantStory[] = [
  {
    name: 'tasks with large arguments run, from either queue',
    async tell(world) {
      const ids = await submitAll(world.api, large);
      for (const id of ids) await ends(world, id, 'SUCCESS');
      for (const id of ids) await answers(world.api, 200, 'GET', `/api/v1/tasks/${id}`);
    },
  },
  {
    name: 'tasks are listed, cancelled and looked for among those that failed',
    async tell({ api }) {
      const id = await submitTask(api, { ...hello, countdown: 600 });
      await answers(api, 200, 'POST', `/api/v1/tasks/${id}/cancel`);
      await answers(api, 200, 'GET', '/api/v1/tasks?limit=5');
      await answers(api, 200, 'POST', '/api/v1/dead-letters/redrive', {
        filter: { tag: 'x' },
        dry_run: true,
      });
    },
  },
  {
    name: 'a location is created, enriched, listed and deleted',
    async tell(world) {
      const { api } = world;
      const place = { name: 'Oslo', latitude: 59.913333, longitude: 10.738889 };
      const { locationId, taskId } = await createLocation(api, place);
      await ends(world, taskId, 'SUCCESS');
      await answers(api, 200, 'GET', '/api/v1/locations');
      await answers(api, 200, 'GET', `/api/v1/locations/${locationId}`);
      await answers(api, 204, 'DELETE', `/api/v1/locations/${locationId}`);
    },
  },
  {
    name: 'the health of all parts is asked for',
    async tell({ api }) {
      await answers(api, 200, 'GET', '/health');
    },
  },
  {
    name: 'a task in steps fails half-way, waits and goes on, from either queue',
    async tell(world) {
      const ids = await submitAll(world.api, { task: 'run_steps', input: { steps: 2, fail_first: 1 } });
      for (const id of ids) await ends(world, id, 'RETRY');
      await world.advance(11);
      for (const id of ids) await ends(world, id, 'SUCCESS');
    },
  },
  {
    name: 'what has expired is swept',
    async tell(world) {
      const id = await submitTask(world.api, large);
      await ends(world, id, 'SUCCESS');
      await world.expireResult(id);
      const sweeping = await submitTask(world.api, { task: 'cleanup_old_results', input: {} });
      const { deleted } = sweep.parse((await ends(world, sweeping, 'SUCCESS'))?.result);
      if (deleted < 1) throw new Error('the sweep left the expired result where it was');
    },
  },
  {
    name: 'a message that nobody can read becomes a dead letter, from every queue',
    async tell(world) {
      for (const queue of queueNames) {
        const before = (await world.countLetters(queue)).all;
        await send(world, world.queueUrl(queue), 'hello');
        await until(world, async () => (await world.countLetters(queue)).all > before);
      }
    },
  },
  {
    name: 'a schedule submits its task, once',
    async tell(world) {
      // What an earlier telling left behind would hold the task's lock.
      await world.advance(90);
      await world.settled();
      await world.beat('cleanup_old_results', world.nextNight());
      await world.settled();
      const time = world.nextNight();
      await Promise.all([1, 2].map(() => world.beat('cleanup_old_results', time)));
      await world.settled();
    },
  },
  {
    name: 'tasks whose messages are lost are found, from every queue',
    async tell(world) {
      const path = await uploadPng(world.api);
      for (const queue of queueNames) await world.pauseQueue(queue, true);
      let ids: readonly string[] = [];
      try {
        ids = [
          ...(await submitAll(world.api, hello)),
          await startMaking(world.api, path, 'convert-to-geo-raster'),
        ];
      } finally {
        for (const queue of queueNames) {
          await world.sqs.send(new PurgeQueueCommand({ QueueUrl: world.queueUrl(queue) }));
          await world.pauseQueue(queue, false);
        }
      }
      await world.advance(125);
      for (const id of ids) await ends(world, id, 'SUCCESS');
    },
  },
  {
    name: 'dead letters that a worker could not send are sent, from every queue',
    async tell(world) {
      const before = await Promise.all(queueNames.map((queue) => world.countLetters(queue)));
      const path = await uploadPng(world.api);
      const noOriginal = { action: 's3:GetObject', resource: '/originals/', fn: 'GeoProcessingWorker' };
      const noLetters = { action: 'sqs:SendMessage', resource: 'DeadLetters', fn: 'Worker' };
      await world.without(noOriginal, () =>
        world.without(noLetters, async () => {
          const ids = await submitAll(world.api, { task: 'run_steps', input: { steps: 1, fail_first: 10 } });
          ids.push(await startMaking(world.api, path, 'convert-to-geo-raster'));
          await world.settled();
          for (let round = 0; (await notIn(world, ids, 'FAILURE')).length > 0; round++) {
            if (round === 10) throw new Error('the tasks were tried again too often');
            await world.advance(150);
            await world.settled();
          }
        }),
      );
      await world.advance(185);
      for (const [index, queue] of queueNames.entries()) {
        await until(world, async () => (await world.countLetters(queue)).all > (before[index]?.all ?? 0));
      }
    },
  },
  {
    name: 'superseded dead letters are removed, and others left, in every queue',
    async tell(world) {
      for (const queue of queueNames) {
        const url = world.deadLetterUrl(queue);
        await world.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
        const taskId = await submitTask(world.api, hello);
        await send(world, url, JSON.stringify({ v: 1, taskId, epoch: 1, dead: true }));
        await send(world, url, 'hello');
      }
      await world.advance(301);
      for (const queue of queueNames) {
        // One that was looked at and left is shown again at once.
        const { all, visible } = await world.countLetters(queue);
        if (all !== 1 || visible !== 1) throw new Error(`${visible} of ${all} letters of ${queue} are shown`);
      }
    },
  },
  {
    name: 'tasks over their rate limit are put off and run later, from either queue',
    async tell(world) {
      const echo = { task: 'rate_limited_echo', input: { message: 'hi' } };
      const ids = [...(await submitAll(world.api, echo)), ...(await submitAll(world.api, echo))];
      await world.settled();
      let open = await notIn(world, ids, 'SUCCESS');
      if (open.length < 3) throw new Error('the rate limit, a start each six seconds, put too few tasks off');
      for (let round = 0; open.length > 0; round++) {
        if (round === 20) throw new Error(`${open.length} tasks still wait for their rate limit`);
        await world.advance(7);
        await world.settled();
        open = await notIn(world, open, 'SUCCESS');
      }
    },
  },
];
