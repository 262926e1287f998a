import { describe, expect, it } from 'vitest';
import { fromResult } from './from-result.ts';

const answer = (payload: unknown) => {
  const { body, ...rest } = fromResult({ ok: true, payload });
  return { ...rest, body: body.toString() };
};

describe('the answer for a function’s response', () => {
  it('follows status, headers and body', () => {
    expect(
      answer({ statusCode: 202, headers: { Location: '/tasks/1', 'Retry-After': 3 }, body: '{}' }),
    ).toEqual({
      status: 202,
      headers: { 'content-type': 'text/plain; charset=utf-8', location: '/tasks/1', 'retry-after': '3' },
      body: '{}',
    });
  });

  it('keeps the function’s content type and ignores a content length', () => {
    const headers = { 'Content-Type': 'application/problem+json', 'Content-Length': '999' };
    expect(answer({ statusCode: 404, headers }).headers).toEqual({
      'content-type': 'application/problem+json',
    });
  });

  it('makes a Set-Cookie header of each cookie', () => {
    const cookies = ['a=1; Path=/', 'b=2; HttpOnly'];
    expect(answer({ statusCode: 200, cookies }).headers['set-cookie']).toEqual(cookies);
  });

  it('decodes a base64 body', () => {
    const { body } = fromResult({
      ok: true,
      payload: { statusCode: 200, body: '/wCA', isBase64Encoded: true },
    });
    expect([...body]).toEqual([0xff, 0x00, 0x80]);
  });

  it.each([
    ['an object', { message: 'hi' }, '{"message":"hi"}'],
    ['a string', 'hi', 'hi'],
    ['nothing', undefined, 'null'],
  ])('is 200 and JSON for %s without a status code', (_what, payload, body) => {
    expect(answer(payload)).toEqual({ status: 200, headers: { 'content-type': 'application/json' }, body });
  });

  it.each([
    ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
    ['a status that is no number', { statusCode: 'fine' }],
    ['a status out of range', { statusCode: 42 }],
    ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }],
  ])('is 500 for %s', (_what, payload) => {
    expect(answer(payload)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it('is 500 for a function error', () => {
    const { status, body } = fromResult({ ok: false, errorType: 'Error', errorMessage: 'secret' });
    expect([status, body.toString()]).toEqual([500, '{"message":"Internal Server Error"}']);
  });
});
