import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { alarmContext, alarmStories, withoutStory } from '../e2e/alarm-stories.ts';
import { alarmsInWords } from './alarm-words.ts';
import { ofType, synthesise } from './synthesise.ts';

it('every alarm of the template has a story in which it goes on and ends, or a reason for having none', () => {
  const stage = synthesise('dev', alarmContext);
  const composites = ofType(stage, 'AWS::CloudWatch::CompositeAlarm').map(({ properties }) =>
    String(properties['AlarmName']).replace('celeriac-dev-', ''),
  );
  const declared = [...alarmsInWords(stage, 'dev').map(({ name }) => name), ...composites];
  const told = [...Object.values(alarmStories).flat(), ...Object.keys(withoutStory)];
  expect(told.sort()).toEqual(declared.sort());
});

it('every file of stories is there', () => {
  const files = readdirSync(new URL('../e2e', import.meta.url));
  expect(files).toEqual(expect.arrayContaining(Object.keys(alarmStories)));
});
