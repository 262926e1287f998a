import { describe, expect, it } from 'vitest';
import { named, ofType, synthesise } from './synthesise.ts';

const stage = synthesise();
const mappings = ofType(stage, 'AWS::Lambda::EventSourceMapping');
const consumers = mappings.map(({ name }) => name);
const workers = [...new Set(mappings.map(({ properties }) => properties['FunctionName']))];

describe('what sends tasks', () => {
  it.each(['HttpApiFunction', 'BeatFunction', 'ReconcilerFunction'])(
    '%s is created and updated after everything that runs them',
    (producer) => {
      const { dependsOn } = named(stage, 'AWS::Lambda::Function', producer);
      expect(dependsOn).toEqual(expect.arrayContaining([...workers, ...consumers]));
    },
  );

  it('is all of these: every function that may send a hint is a worker or waits for them', () => {
    const senders = ofType(stage, 'AWS::Lambda::Function').filter(({ properties }) =>
      JSON.stringify(properties['Environment']).includes('"QUEUE_DEFAULT_URL"'),
    );
    for (const { name, dependsOn } of senders.filter((fn) => !workers.includes(fn.name))) {
      expect([name, dependsOn]).toEqual([name, expect.arrayContaining(consumers)]);
    }
  });
});
