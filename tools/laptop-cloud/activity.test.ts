import { describe, expect, it } from 'vitest';
import { createActivity } from './activity.ts';

describe('an activity', () => {
  it('is idle at once when nothing began', async () => {
    await createActivity().onIdle();
  });

  it('counts what began and what is in flight, each piece out once', () => {
    const activity = createActivity();
    const endOne = activity.begin();
    activity.begin();
    endOne();
    endOne();
    expect({ inFlight: activity.inFlight, begun: activity.begun }).toEqual({ inFlight: 1, begun: 2 });
  });

  it('tells those who wait for room before those who wait for quiet', async () => {
    const activity = createActivity();
    const [endOne, endTwo] = [activity.begin(), activity.begin()];
    const heard: string[] = [];
    const waiting = Promise.all([
      activity.onIdle().then(() => heard.push('idle')),
      activity.onBelow(2).then(() => heard.push('room')),
    ]);
    endOne();
    await activity.onBelow(2);
    expect(heard).toEqual(['room']);
    endTwo();
    await waiting;
    expect(heard).toEqual(['room', 'idle']);
  });
});
