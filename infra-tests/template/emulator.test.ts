import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { named, synthesise } from './synthesise.ts';

/** The address that the worker of a stage asks for Mapbox. */
function mapboxOf(flags: Readonly<Record<string, string>>): string | undefined {
  const { properties } = named(synthesise('dev', flags), 'AWS::Lambda::Function', 'DefaultWorkerFunction');
  return z.object({ Variables: z.record(z.string(), z.string()) }).parse(properties['Environment']).Variables[
    'MAPBOX_BASE_URL'
  ];
}

describe('the address of Mapbox', () => {
  it('is the stage’s own, or what is given', () => {
    expect(mapboxOf({})).toBe('https://api.mapbox.com');
    expect(mapboxOf({ mapboxBaseUrl: 'https://mapbox.example.com' })).toBe('https://mapbox.example.com');
  });

  it('is a stand-in’s on an emulator only, for the token would travel in the clear', () => {
    const mapboxBaseUrl = 'http://127.0.0.1:4000';
    expect(mapboxOf({ emulator: 'ministack', mapboxBaseUrl })).toBe(mapboxBaseUrl);
    expect(() => synthesise('dev', { mapboxBaseUrl })).toThrow(
      'mapboxBaseUrl "http://127.0.0.1:4000" is no address: give -c mapboxBaseUrl= an https: URL without a slash at ' +
        'its end; http: is for emulators, see -c emulator=',
    );
  });

  it.each(['api.mapbox.com', 'ftp://mapbox.example.com', 'https://mapbox.example.com/', ''])(
    'is refused when it is %j',
    (mapboxBaseUrl) => {
      expect(() => synthesise('dev', { mapboxBaseUrl })).toThrow('give -c mapboxBaseUrl= an https: URL');
    },
  );
});

it('is AWS or one of the emulators that are known, and nothing else', () => {
  expect(() => synthesise('dev', { emulator: 'moto' })).toThrow(
    'emulator "moto" is unknown: give -c emulator= one of none, ministack',
  );
});
