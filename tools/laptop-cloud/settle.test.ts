import { describe, expect, it } from 'vitest';
import { createActivity } from './activity.ts';
import { settle } from './settle.ts';

const NEVER = new AbortController().signal;

describe('settling', () => {
  it('waits for all that is in flight', async () => {
    const [one, two] = [createActivity(), createActivity()];
    const ends = [one.begin(), two.begin()];
    let settled = false;
    const settling = settle({ activities: [one, two], countVisible: async () => 0 }, NEVER).then((quiet) => {
      settled = true;
      return quiet;
    });
    ends[0]?.();
    await one.onIdle();
    expect(settled).toBe(false);
    ends[1]?.();
    expect(await settling).toBe(true);
  });

  it('waits for messages that are still to be received', async () => {
    const counts = [3, 1, 0, 0];
    await settle({ activities: [], countVisible: async () => counts.shift() ?? 0 }, NEVER);
    expect(counts).toEqual([]);
  });

  it('does not mistake a gap between two pieces of work for quiet', async () => {
    const activity = createActivity();
    let looks = 0;
    const countVisible = async () => {
      looks += 1;
      // Work that comes and goes between the first look and the second.
      if (looks === 1) setTimeout(() => activity.begin()(), 10);
      return 0;
    };
    await settle({ activities: [activity], countVisible }, NEVER);
    expect(looks).toBe(4);
  });

  it('gives up when told to', async () => {
    const activity = createActivity();
    activity.begin();
    expect(
      await settle({ activities: [activity], countVisible: async () => 0 }, AbortSignal.timeout(20)),
    ).toBe(false);
  });
});
