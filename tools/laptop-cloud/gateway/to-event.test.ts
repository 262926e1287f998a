import { describe, expect, it } from 'vitest';
import { type GatewayRequest, toEvent } from './to-event.ts';

const CONTEXT = {
  apiId: 'api1',
  accountId: '000000000000',
  stage: '$default',
  requestId: 'request-1',
  now: Date.parse('2026-03-12T19:03:58.390Z'),
};

function event(given: Partial<GatewayRequest>, pathParameters: Record<string, string> = {}) {
  const request = {
    method: 'POST',
    target: '/tasks',
    httpVersion: '1.1',
    rawHeaders: ['Host', '127.0.0.1:4000'],
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    ...given,
  };
  return toEvent(
    request,
    { route: { routeKey: 'POST /tasks', functionName: 'api' }, pathParameters },
    CONTEXT,
  );
}

const withBody = (body: Buffer, ...contentType: string[]) =>
  event({ rawHeaders: ['Host', 'h', ...contentType.flatMap((value) => ['Content-Type', value])], body });

describe('the event of payload format 2.0', () => {
  it('has the fields of AWS and leaves out what is absent', () => {
    expect(
      event({ rawHeaders: ['Host', 'my.host:4000', 'User-Agent', 'curl/8', 'Connection', 'keep-alive'] }),
    ).toEqual({
      version: '2.0',
      routeKey: 'POST /tasks',
      rawPath: '/tasks',
      rawQueryString: '',
      headers: {
        host: 'my.host:4000',
        'user-agent': 'curl/8',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
      },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api1',
        domainName: 'my.host:4000',
        domainPrefix: 'my',
        http: {
          method: 'POST',
          path: '/tasks',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        requestId: 'request-1',
        routeKey: 'POST /tasks',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: 1773342238390,
      },
      isBase64Encoded: false,
    });
  });

  it('lower-cases headers, joins repeated ones with a comma and takes cookies out', () => {
    const rawHeaders = ['Host', 'h', 'X-Tag', 'one', 'Cookie', 'a=1; b=2', 'x-tag', 'two', 'cookie', 'c=3'];
    expect(event({ rawHeaders })).toMatchObject({
      headers: { 'x-tag': 'one,two', host: 'h' },
      cookies: ['a=1', 'b=2', 'c=3'],
    });
    expect(event({ rawHeaders }).headers).not.toHaveProperty('cookie');
  });

  it('decodes the query’s values, joins repeated ones, and leaves the raw query as sent', () => {
    expect(event({ target: '/tasks?tag=a&tag=b%20c&empty=&plus=1+2' })).toMatchObject({
      rawPath: '/tasks',
      rawQueryString: 'tag=a&tag=b%20c&empty=&plus=1+2',
      queryStringParameters: { tag: 'a,b c', empty: '', plus: '1 2' },
    });
  });

  it('decodes the path, as HTTP APIs do, and lets a stray percent sign be', () => {
    expect(event({ target: '/tasks/a%20b' }).rawPath).toBe('/tasks/a b');
    expect(event({ target: '/tasks/100%' }).rawPath).toBe('/tasks/100%');
  });

  it('carries path variables', () => {
    expect(event({}, { id: '7' }).pathParameters).toEqual({ id: '7' });
  });

  it.each([
    'text/csv',
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/xml',
    'application/javascript',
  ])('hands over %s as text', (contentType) => {
    expect(withBody(Buffer.from('{"é":1}'), contentType)).toMatchObject({
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it.each([
    'image/png',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/problem+json',
  ])('hands over %s in base64', (contentType) => {
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    expect(withBody(bytes, contentType)).toMatchObject({ body: '/wCA', isBase64Encoded: true });
  });

  it('hands over a body without a content type in base64', () => {
    expect(withBody(Buffer.from('hi'))).toMatchObject({ body: 'aGk=', isBase64Encoded: true });
  });
});
