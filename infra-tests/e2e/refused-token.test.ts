import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, createLocation, taskUntil } from './api-calls.ts';
import { type LaptopTarget, mapboxToken, startLaptopTarget } from './laptop-target.ts';
import { askedAbout } from './mapbox-stand-in.ts';

const wrongToken = 'pk.the-wrong-secret';

let laptop: LaptopTarget;
beforeAll(async () => {
  laptop = await startLaptopTarget({ workersToken: wrongToken });
});
afterAll(() => laptop.stop());

describe('a token that Mapbox refuses', () => {
  const place = { name: 'Tokyo', latitude: 35.6812, longitude: 139.7671 };

  it('fails the task at once, because no retry would help, and leaves no dead letter', async () => {
    const { target, powers } = laptop;
    const { taskId } = await createLocation(target, place);
    const record = await taskUntil(target, taskId, ({ state }) => expect(state).toBe('FAILURE'));
    expect(record).toMatchObject({ attempts: 1, error: { type: 'UpstreamRefusal' } });
    expect(record.error?.message).toContain('401');
    expect(await askedAbout(target, place)).toEqual({ address: [401], elevation: [401] });

    await target.passTime(180);
    await powers.settled();
    expect(await powers.countMessages('default dead letters')).toBe(0);
    expect(await askedAbout(target, place)).toEqual({ address: [401], elevation: [401] });
  });

  it('is written nowhere: not in answers, not in the tables, not in the logs', async () => {
    const { target, powers } = laptop;
    const { locationId, taskId } = await createLocation(target, { ...place, name: 'Tokyo again' });
    await taskUntil(target, taskId, ({ state }) => expect(state).toBe('FAILURE'));
    const paths = ['/health', `/api/v1/tasks/${taskId}`, `/api/v1/tasks/${taskId}/status`, '/api/v1/tasks'];
    const answers = await Promise.all(
      [...paths, `/api/v1/locations/${locationId}`].map((path) => ask(target, 'GET', path)),
    );
    await powers.settled();
    const written = {
      answers: JSON.stringify(answers.map(({ body }) => body)),
      tables: JSON.stringify(await powers.everyItem()),
      logs: powers.printed.join('\n'),
    };
    // So that this test cannot pass for want of anything to look through.
    for (const text of Object.values(written)) expect(text).toContain(taskId);
    for (const [where, text] of Object.entries(written)) {
      expect(text, where).not.toContain(wrongToken);
      expect(text, where).not.toContain(mapboxToken);
    }
  });
});
