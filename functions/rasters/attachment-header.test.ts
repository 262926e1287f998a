import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attachmentHeader } from './attachment-header.ts';

it.each([
  ['Oslo 2026.tif', `filename="Oslo 2026.tif"; filename*=UTF-8''Oslo%202026.tif`],
  ['Åre "väst".tif', `filename="_re _v_st_.tif"; filename*=UTF-8''%C3%85re%20%22v%C3%A4st%22.tif`],
  ["50% (it's)*.tif", `filename="50_ (it's)*.tif"; filename*=UTF-8''50%25%20%28it%27s%29%2A.tif`],
  ['a\r\nset-cookie: b', `filename="a__set-cookie: b"; filename*=UTF-8''a__set-cookie%3A%20b`],
  ['\ud800.tif', `filename="_.tif"; filename*=UTF-8''%EF%BF%BD.tif`],
])('an answer is saved as %j', (name, parameters) => {
  expect(attachmentHeader(name)).toBe(`attachment; ${parameters}`);
});

/** Also with halves of characters and control characters. */
const anyText = fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units));

it('whatever the name, it is one header and gives the name back', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      const header = attachmentHeader(name);
      expect(header).toMatch(/^attachment; filename="[ !#$&-[\]-~]*"; filename\*=UTF-8''[\w.!~%-]*$/);
      const encoded = header.slice(header.indexOf("''") + 2);
      expect(decodeURIComponent(encoded)).toBe(name.toWellFormed().replaceAll(/\p{Cc}/gu, '_'));
    }),
  );
});
