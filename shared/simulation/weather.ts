import type { Choices } from './choices.ts';
import { faultKinds, type Weather } from './fault-kinds.ts';

const usual: Weather = {
  throttled: 0.03,
  'reply-lost': 0.03,
  'applied-late': 0.02,
  'all-tries-fail': 0.02,
  'crash-before-call': 0.008,
  'crash-after-call': 0.008,
  killed: 0.15,
  stalled: 0.1,
  'clock-moved': 0.3,
  'lives-on': 0.4,
  'message-dropped': 0.2,
  'message-duplicated': 0.2,
  'message-delayed': 0.3,
  'delete-lost': 0.05,
  'index-lag': 0.2,
  'reconciler-missed': 0.2,
  'reconciler-doubled': 0.3,
};

/** One seed in ten has fair weather; the others have each kind of fault at another strength, or not at all. */
export function drawWeather(choices: Choices): Weather {
  const strength = choices.chance(0.1) ? 0 : choices.pick([0.3, 1, 1, 2]);
  const drawn = faultKinds.map((kind) => [kind, choices.chance(0.7) ? usual[kind] * strength : 0] as const);
  return Object.fromEntries(drawn) as Weather;
}
