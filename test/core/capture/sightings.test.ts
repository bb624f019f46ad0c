import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRequest, inResponse } from '../../../core/capture/sightings.ts';

const names = (found: ReturnType<typeof inRequest>) =>
  found.map(({ carrier, id }) =>
    [carrier.kind, carrier.kind === 'url' ? carrier.parameter : carrier.name, id].join(' '),
  );

const hex = '0123456789abcdef0123456789abcdef';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.9Qd0dW2fV1nJf0l8bXxvYQm0a5xwq0a4w4Y9m2fV1nI';

describe('sightings of a request', () => {
  it('takes every cookie that may carry a session, with its raw bytes and its decoded id', () => {
    const found = inRequest('http://x/', [
      'Cookie',
      `sid=${hex}; _ga=GA1.2.1.2; csrftoken=abc; q7=%41b%2Bc; quoted="x y"`,
      'COOKIE',
      'sid=second',
    ]);
    expect(names(found)).toEqual([`cookie sid ${hex}`, 'cookie q7 Ab+c', 'cookie quoted x y', 'cookie sid second']);
    expect(found[1]).toMatchObject({ raw: '%41b%2Bc', direction: 'request' });
  });

  it('takes cookies with a name for another purpose only when the person wants them', () => {
    expect(names(inRequest('http://x/', ['cookie', '_ga=1'], (name) => name === '_ga'))).toEqual(['cookie _ga 1']);
  });

  it.each([
    [`http://x/shop;jsessionid=${hex}?a=1`, `url jsessionid ${hex}`],
    [`http://x/?a=1&PHPSESSID=3cugirfd65vnvc7ppfqdu8g6qg#top`, 'url PHPSESSID 3cugirfd65vnvc7ppfqdu8g6qg'],
    [`http://x/?access_token=${jwt}`, `url access_token ${jwt}`],
    [`http://x/a;b/c?q=${hex}&user=alice&token=1&session=my+first+session`, undefined],
    ['http://x/;=;?&&==', undefined],
  ])('looks into %s', (url, expected) => {
    expect(names(inRequest(url, []))).toEqual(expected === undefined ? [] : [expected]);
  });

  it('takes tokens of Authorization and of own headers, never passwords or fields of the standards', () => {
    expect(
      names(
        inRequest('http://x/', [
          'Authorization',
          `Bearer ${jwt}`,
          'X-Session-Token',
          hex,
          'X-Auth-Token',
          hex,
          'X-Api-Key',
          hex,
          'X-CSRF-Token',
          hex,
          'Sec-Session-Id',
          hex,
          'User-Agent',
          'Mozilla/5.0-authentic',
          'Sec-Fetch-User',
          '?1-------',
        ]),
      ),
    ).toEqual([
      `header Authorization ${jwt}`,
      `header X-Session-Token ${hex}`,
      `header X-Auth-Token ${hex}`,
      `header X-Api-Key ${hex}`,
    ]);
    expect(inRequest('http://x/', ['authorization', 'Basic dXNlcjpwYXNzd29yZA=='])).toEqual([]);
  });
});

describe('sightings of a response', () => {
  it('takes each Set-Cookie with its whole value, also one that deletes', () => {
    const set = [`sid=${hex}; Path=/; HttpOnly`, 'old=; Max-Age=0', '_ga=1; Path=/'];
    const found = inResponse(set.flatMap((value) => ['Set-Cookie', value]));
    expect(names(found)).toEqual([`cookie sid ${hex}`, 'cookie old ']);
    expect(found.map((f) => f.setCookie)).toEqual(set.slice(0, 2));
    expect(inResponse(['Cookie', 'sid=1'])).toEqual([]);
  });
});

describe('sightings of anything', () => {
  it('are bounded and never fail', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
      maxLength: 300,
    });
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.tuple(fc.constantFrom('Cookie', 'Set-Cookie', 'Authorization', 'X-Session', 'A'), bytes)),
        (url, fields) => {
          for (const found of [inRequest(url, fields.flat()), inResponse(fields.flat())]) {
            for (const { raw, carrier } of found) {
              if (carrier.kind !== 'url') expect(fields.some(([, value]) => value.includes(raw))).toBe(true);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
    const many = Array.from({ length: 5000 }, (_, i) => `c${i}=${hex}`).join('; ');
    expect(inRequest(`http://x/?${many.replaceAll('; ', '&')}`, ['Cookie', many])).toHaveLength(100);
    expect(inRequest('http://x/', ['Cookie', `sid=${'a'.repeat(1_000_000)}`])).toEqual([]);
  });
});
