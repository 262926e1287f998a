import { expect, vi } from 'vitest';
import * as z from 'zod';
import type { Target } from './target.ts';

/** An alarm's state, by CloudWatch's names. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const listing = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
      since: z.iso.datetime(),
      reason: z.string(),
    }),
  ),
});

/** An alarm as the laptop cloud tells of it. */
export type ToldAlarm = z.output<typeof listing>['items'][number];

/** Looks at alarms by their name in the runbook. They cannot be set: only what happens changes them. */
export interface AlarmWatch {
  /** Every alarm, by name. */
  all(): Promise<Map<string, ToldAlarm>>;
  /** Lets minutes pass, `within` at most (15 unless said), until the alarm has the state; resolves with the alarm. */
  alarmIs(name: string, state: AlarmState, within?: number): Promise<ToldAlarm>;
  /** Waits until the alarm has the state, and moves no clock; resolves with the alarm. */
  alarmTurns(name: string, state: AlarmState): Promise<ToldAlarm>;
}

const PREFIX = 'celeriac-dev-';

/** Watches the alarms of a laptop cloud. */
export function watchAlarms(target: Pick<Target, 'url' | 'passTime'>): AlarmWatch {
  const all = async () => {
    const answer = await fetch(`${target.url}/__laptop/alarms`);
    const { items } = listing.parse(await answer.json());
    return new Map(items.map((alarm) => [alarm.name.replace(PREFIX, ''), alarm]));
  };
  const find = async (name: string): Promise<ToldAlarm> => {
    const alarms = await all();
    const alarm = alarms.get(name);
    if (alarm === undefined)
      throw new Error(`there is no alarm ${name} among ${[...alarms.keys()].join(', ')}`);
    return alarm;
  };
  return {
    all,
    async alarmIs(name, state, within = 15) {
      for (let minute = 0; minute < within; minute++) {
        const alarm = await find(name);
        if (alarm.state === state) return alarm;
        await target.passTime(60);
      }
      const alarm = await find(name);
      expect(alarm, `after ${within} minutes`).toMatchObject({ state });
      return alarm;
    },
    alarmTurns: (name, state) =>
      vi.waitFor(
        async () => {
          const alarm = await find(name);
          expect(alarm).toMatchObject({ state });
          return alarm;
        },
        { timeout: 5000, interval: 50 },
      ),
  };
}
