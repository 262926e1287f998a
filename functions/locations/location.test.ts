import { describe, expect, it } from 'vitest';
import { faultsOf } from '#functions/runtime/problem.ts';
import { locationChange, locationInput, sanitizeName } from './location.ts';

const valid = { name: 'Denver', latitude: 39.7, longitude: -104.9 };

function wrongFields(value: unknown): string[] {
  const { error } = locationInput.safeParse(value);
  return error ? faultsOf(error).map(({ path }) => path) : [];
}

describe('locationInput', () => {
  it('takes a location without an elevation, or with null for it', () => {
    expect(locationInput.parse(valid)).toEqual({ ...valid, elevation: null });
    expect(locationInput.parse({ ...valid, elevation: null })).toEqual({ ...valid, elevation: null });
  });

  it.each([
    ['latitude', -90, 90],
    ['longitude', -180, 180],
    ['elevation', -500, 9000],
  ])('takes %s from %d to %d', (field, low, high) => {
    for (const value of [low, high, 0]) expect(wrongFields({ ...valid, [field]: value })).toEqual([]);
    for (const value of [low - 0.001, high + 0.001, Number.NaN, Number.POSITIVE_INFINITY, '1']) {
      expect(wrongFields({ ...valid, [field]: value })).toEqual([field]);
    }
  });

  it('names every wrong field at once', () => {
    const wrong = { name: '', latitude: 91, longitude: -181, elevation: 9001, task_id: 'x' };
    expect(wrongFields(wrong)).toEqual(['name', 'latitude', 'longitude', 'elevation', 'task_id']);
    expect(wrongFields({})).toEqual(['name', 'latitude', 'longitude']);
  });

  it('counts the length of a name once it is clean', () => {
    expect(wrongFields({ ...valid, name: `<b>${'x'.repeat(200)}</b>` })).toEqual([]);
    expect(wrongFields({ ...valid, name: 'x'.repeat(201) })).toEqual(['name']);
    expect(wrongFields({ ...valid, name: '<b></b> \u0000' })).toEqual(['name']);
    expect(wrongFields({ ...valid, name: 'x'.repeat(1001) })).toEqual(['name']);
  });
});

describe('locationChange', () => {
  it('takes any of the fields, as they are taken in a new location, and adds none', () => {
    for (const [field, value] of Object.entries({ ...valid, elevation: null })) {
      expect(locationChange.parse({ [field]: value })).toEqual({ [field]: value });
    }
    expect(locationChange.parse({ name: ' <b>Camp</b> ' })).toEqual({ name: 'Camp' });
  });

  it('asks for at least one', () => {
    expect(locationChange.safeParse({}).error?.issues).toMatchObject([
      { path: [], message: 'must have at least one of name, latitude, longitude, elevation' },
    ]);
  });
});

describe('sanitizeName', () => {
  it.each([
    ['  Pikes\t\n Peak ', 'Pikes Peak'],
    ['Bel\u0007l\u200bs', 'Bells'],
    ['<script>alert(1)</script>Camp', 'alert(1)Camp'],
    ['<scr<b>ipt>Camp', 'ipt>Camp'],
    ['<<b>b>Camp', 'Camp'],
    ['Camp <img src=x onerror=alert(1)', 'Camp'],
    ['Camp <!-- note -->', 'Camp'],
    ['a < b and 3<4', 'a < b and 3<4'],
    ['Zürich 東京', 'Zürich 東京'],
    ['half \ud83d', 'half \ufffd'],
  ])('%j becomes %j', (name, clean) => {
    expect(sanitizeName(name)).toBe(clean);
  });

  it('takes no longer for markup made to be slow', () => {
    const started = performance.now();
    sanitizeName('<'.repeat(500) + 'b>'.repeat(250));
    expect(performance.now() - started).toBeLessThan(200);
  });
});
