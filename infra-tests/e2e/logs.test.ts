import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { projectDir } from '#tools/cli/run-laptop.ts';
import { codeBlocks } from '../readme/markdown.ts';
import { type Answer, ask, type Place, readTask, taskUntil } from './api-calls.ts';
import type { LaptopPowers } from './laptop-powers.ts';
import { type LaptopTarget, mapboxToken, startLaptopTarget } from './laptop-target.ts';
import { parseLogLine } from './log-lines.ts';
import { correlationsOf, orderTileFault } from './mapbox-stand-in.ts';
import { uploadImage } from './raster-calls.ts';
import type { Target } from './target.ts';

let laptop: LaptopTarget;
let target: Target;
let powers: LaptopPowers;
beforeAll(async () => {
  laptop = await startLaptopTarget();
  ({ target, powers } = laptop);
});
afterAll(() => laptop.stop());

const accepted = z.object({ task_id: z.string() });
function idOf({ status, body }: Answer): string {
  const known = accepted.safeParse(body);
  if (!known.success) throw new Error(`no task was accepted: ${status} ${JSON.stringify(body)}`);
  return known.data.task_id;
}

const until = (taskId: string, state: string) =>
  taskUntil(target, taskId, (record) => expect(record.state).toBe(state));

/** The lines about what an id joins, by service. */
function linesOf(correlationId: string): Map<string, string[]> {
  const lines = powers.printed.map(parseLogLine).filter((line) => line?.['correlation_id'] === correlationId);
  const byService = Map.groupBy(lines, (line) => line?.service ?? '');
  return new Map([...byService].map(([service, of]) => [service, of.map((line) => line?.message ?? '')]));
}

describe('a correlation id', () => {
  const place = { name: 'Osaka', latitude: 34.6937, longitude: 135.5023 };
  const headers = { 'x-correlation-id': 'order-1042' };

  it('joins a request, its answer, its task’s attempts and what Mapbox is asked, a later epoch too', async () => {
    await orderTileFault(target, place, { status: 403 });
    const created = await ask(target, 'POST', '/api/v1/locations', { json: place, headers });
    expect(created.headers.get('x-correlation-id')).toBe('order-1042');
    const taskId = idOf(created);
    await until(taskId, 'FAILURE');
    const path = `/api/v1/tasks/${taskId}/retry`;
    const retried = await ask(target, 'POST', path, { headers: { 'x-correlation-id': 'second-thoughts' } });
    expect(retried.headers.get('x-correlation-id')).toBe('second-thoughts');
    await until(taskId, 'SUCCESS');
    await powers.settled();

    expect(await correlationsOf(target, place)).toEqual(['order-1042', 'order-1042', 'order-1042']);
    const lines = linesOf('order-1042');
    expect(lines.get('api')).toEqual(['request begun', 'task accepted', 'request answered']);
    expect(lines.get('default-worker')?.filter((message) => message === 'attempt ended')).toHaveLength(2);
    expect(linesOf('second-thoughts').get('api')).toContain('request answered');
  });

  it('is not of a task’s record as it is answered, whose shape is fixed', async () => {
    const json = { task: 'test_celery', input: { message: 'hello' } };
    const taskId = idOf(await ask(target, 'POST', '/api/v1/tasks', { json, headers }));
    expect(await powers.storedRecord(taskId)).toMatchObject({ correlationId: 'order-1042' });
    expect(JSON.stringify(await readTask(target, taskId))).not.toContain('order-1042');
  });

  it('is the gateway’s where the caller sends none that is well formed', async () => {
    const answer = await ask(target, 'GET', '/health', { headers: { 'x-correlation-id': 'two words' } });
    const given = answer.headers.get('x-correlation-id') ?? '';
    expect(given).not.toBe('');
    expect(linesOf(given).get('api')).toContain('request answered');
  });
});

describe('what callers, their data and our secrets are', () => {
  const mail = 'ann.marked@example.com';
  const place: Place = { name: 'Marked Home of Ann', latitude: 35.651234, longitude: 139.751234 };
  const unlucky: Place = { name: 'Marked Grave', latitude: 35.612345, longitude: 139.712345 };
  const fileName = 'marked-passport.tif';
  const key = 'marked-key-77';
  const secret = `${mail} lives at ${place.latitude}`;
  const marks = () => [
    ...[target.token, mapboxToken, key, mail, fileName, 'arked'],
    ...[place, unlucky].flatMap(({ latitude, longitude }) => [String(latitude), String(longitude)]),
  ];

  it('never gets into a line, whatever happens and at the level DEBUG', { timeout: 60_000 }, async () => {
    const submit = (json: unknown, more: object = {}) =>
      ask(target, 'POST', '/api/v1/tasks', { json, ...more });
    const greeting = { task: 'test_celery', input: { message: secret }, tags: ['marked'] };
    const operator = await target.issueToken({
      ...{ name: 'operator', tenant: 'default' },
      scopes: ['read', 'submit', 'operate'],
    });

    // Success, and the same key for something else.
    const greeted = idOf(await submit(greeting, { headers: { 'idempotency-key': key } }));
    await until(greeted, 'SUCCESS');
    const reused = { ...greeting, input: { message: mail } };
    expect((await submit(reused, { headers: { 'idempotency-key': key } })).status).toBe(409);
    await until(idOf(await ask(target, 'POST', '/api/v1/locations', { json: place })), 'SUCCESS');

    // What callers get wrong.
    const wrong = { ...place, latitude: mail, [mail]: 1 };
    expect((await ask(target, 'POST', '/api/v1/locations', { json: wrong })).status).toBe(422);
    expect((await submit({ ...greeting, input: { message: 7, [mail]: mail } })).status).toBe(422);
    const text = `{"message": "${mail}`;
    expect((await ask(target, 'POST', '/api/v1/tasks', { text })).status).toBe(400);
    expect((await ask(target, 'GET', '/api/v1/tasks', { token: `${target.token}x` })).status).toBe(401);
    expect((await ask(target, 'GET', `/api/v1/tasks?tag=${encodeURIComponent(mail)}&x=${key}`)).status).toBe(
      422,
    );

    // An upstream that repeats what it was sent: retries, and a dead letter.
    const body = JSON.stringify({ message: `${mapboxToken} may not ask ${secret} ${unlucky.longitude}` });
    await orderTileFault(target, unlucky, { status: 503, times: 4, body });
    const failing = idOf(await ask(target, 'POST', '/api/v1/locations', { json: unlucky }));
    for (const attempts of [1, 2, 3]) {
      await taskUntil(target, failing, (record) =>
        expect(record).toMatchObject({ state: 'RETRY', attempts }),
      );
      await target.passTime(61);
    }
    expect((await until(failing, 'FAILURE')).error?.message).toContain(mail);
    await powers.settled();
    expect(await powers.countMessages('default dead letters')).toBe(1);
    const redriven = await ask(target, 'POST', '/api/v1/dead-letters/redrive', {
      ...{ json: { task_ids: [failing] }, token: operator },
    });
    expect(redriven.body).toMatchObject({ redriven: 1 });
    await until(failing, 'SUCCESS');

    // A file that is none: its addresses are signed, and GDAL's words name it.
    const bytes = Buffer.from(`II*\0${secret}`);
    const path = await uploadImage(target, { name: fileName, contentType: 'image/tiff', bytes });
    const signed = z
      .object({ url: z.string() })
      .parse((await ask(target, 'GET', `${path}/download?file=original`)).body);
    const signature = new URL(signed.url).searchParams.get('X-Amz-Signature') ?? '';
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    await until(idOf(await ask(target, 'POST', `${path}/convert-to-geo-raster`)), 'FAILURE');

    // Faults of our own: a message and records that nobody can read.
    await powers.send('default', `${mail} is no JSON`);
    await powers.send('default', JSON.stringify({ v: mail, taskId: 1 }));
    await powers.editRecord(greeted, 'attempts', mail);
    expect((await ask(target, 'GET', `/api/v1/tasks/${greeted}`)).status).toBe(500);
    await powers.send('default', JSON.stringify({ v: 1, taskId: greeted, epoch: 1 }));
    await expect.poll(() => powers.logged('message unreadable')).toHaveLength(2);
    await expect.poll(() => powers.logged('message kept: the pipeline could not handle it')).toHaveLength(1);

    const lines = powers.printed.map(parseLogLine).filter((line) => line !== null);
    // So that this test cannot pass for want of anything to look through.
    const told = lines.map(
      ({ level, message, ...of }) => `${level} ${message} ${of['status'] ?? of['outcome'] ?? ''}`,
    );
    for (const line of [
      ...['INFO attempt ended SUCCESS', 'WARN attempt ended RETRY', 'WARN attempt ended FAILURE'],
      ...['INFO request answered 202', 'INFO request answered 401', 'INFO request answered 409'],
      ...['INFO request answered 422', 'INFO request answered 500', 'ERROR request failed '],
      ...['DEBUG step ended ', 'WARN Mapbox did not answer '],
    ]) {
      expect(told).toContain(line);
    }
    for (const mark of [...marks(), operator, signature]) {
      const found = powers.printed.filter((line) => decoded(line).includes(mark));
      expect(found, `lines that tell ${mark}`).toEqual([]);
    }
  });
});

describe('docs/logs.md', () => {
  const page = readFileSync(join(projectDir, 'docs/logs.md'), 'utf8');

  it('explains every field of every line above', () => {
    const lines = powers.printed.map(parseLogLine).filter((line) => line !== null);
    const fields = [...new Set(lines.flatMap(Object.keys))];
    expect(fields.length).toBeGreaterThan(20);
    expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
  });

  it('asks, in its queries, for fields that lines have', () => {
    const queries = codeBlocks(page).filter(({ language }) => language === 'text');
    const asked = queries.flatMap(({ text }) => text.match(/(?<!@)\b[a-z]+(?:_[a-z]+)+\b/g) ?? []);
    expect(asked).toEqual(expect.arrayContaining(['correlation_id', 'task_id']));
    const printed = powers.printed.join('\n');
    expect(asked.filter((field) => !printed.includes(`"${field}"`))).toEqual([]);
  });
});

/** A line with what was written as in an address read. */
function decoded(line: string): string {
  return `${line} ${line.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))}`;
}
