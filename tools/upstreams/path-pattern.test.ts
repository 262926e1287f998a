import { describe, expect, it } from 'vitest';
import { matchesPath } from './path-pattern.ts';

describe('matchesPath', () => {
  it.each([
    ['/a/b', '/a/b', true],
    ['/a/b', '/a/b/', false],
    ['/a', '/a/b', false],
    ['/search/*', '/search/geocode/v6/reverse', true],
    ['/search/*', '/search/', true],
    ['/search/*', '/v4/search/x', false],
    ['/v4/*/14/*.pngraw', '/v4/mapbox.terrain-rgb/14/1/2.pngraw', true],
    ['/v4/*/14/*.pngraw', '/v4/mapbox.terrain-rgb/13/1/2.pngraw', false],
    ['/v4/*/14/*.pngraw', '/v4/mapbox.terrain-rgb/14/1/2.png', false],
    ['/ab*ba', '/aba', false],
    ['/a.c', '/abc', false],
    ['*', '/anything', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected);
  });
});
