import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookiesTxt, readCookiesTxt } from '../../../core/interop/cookies-txt.ts';
import { curlCommand } from '../../../core/interop/curl.ts';
import { readHar } from '../../../core/interop/read-har.ts';
import { readStorageState, storageState } from '../../../core/interop/storage-state.ts';
import type { BodyInfo } from '../../../core/model/flow.ts';
import type { CookieView } from '../../../core/model/session.ts';
import { recordedFlow } from '../../support/replay-harness.ts';

const name = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,20}$/);
const value = fc.stringMatching(/^[\x21-\x3a\x3c-\x7e]{0,40}$/);
const domain = fc.stringMatching(/^[a-z]{1,8}(\.[a-z]{2,5}){1,2}$/);
const cookie = fc
  .record({
    name,
    value,
    domain,
    hostOnly: fc.boolean(),
    path: fc.stringMatching(/^\/[a-z/]{0,10}$/),
    expires: fc.option(fc.integer({ min: 1, max: 4_000_000_000 }).map((seconds) => seconds * 1000)),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
  })
  .map(
    ({ expires, ...rest }): CookieView => ({
      ...rest,
      ...(expires === null ? {} : { expires }),
      partitioned: false,
      others: [],
    }),
  );

describe('cookies.txt', () => {
  it('gives back every cookie that it can hold', () => {
    fc.assert(
      fc.property(fc.array(cookie, { minLength: 1, maxLength: 20 }), (cookies) => {
        const { text } = cookiesTxt(cookies);
        expect(readCookiesTxt(text).cookies).toEqual(cookies);
        expect(readCookiesTxt(text.replace(/\n/g, '\r\n')).cookies).toEqual(cookies);
      }),
    );
  });

  it('keeps #HttpOnly_ lines, passes comments and names lines that are none', () => {
    const text =
      '# a comment\n#HttpOnly_.a.test\tTRUE\t/\tTRUE\t0\tsid\tx=\ty\nnonsense\n\nb.test\tFALSE\t/\tFALSE\t9\tempty\t\n';
    const { cookies, notes } = readCookiesTxt(text);
    expect(cookies.map((one) => [one.name, one.value, one.domain, one.hostOnly, one.httpOnly, one.expires])).toEqual([
      ['sid', 'x=\ty', 'a.test', false, true, undefined],
      ['empty', '', 'b.test', true, false, 9000],
    ]);
    expect(notes).toEqual(['Line 3 is no cookie and was left out']);
    expect(() => readCookiesTxt('<html>')).toThrow(/no cookie/);
  });

  it('says what it cannot hold', () => {
    const base: CookieView = {
      name: 'a',
      value: 'b',
      domain: 'a.test',
      hostOnly: true,
      path: '/',
      secure: false,
      httpOnly: false,
      partitioned: false,
      others: [],
    };
    const { text, notes } = cookiesTxt([
      { ...base, sameSite: 'Lax' },
      { ...base, name: 'tab', value: 'a\tb' },
    ]);
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(notes.join()).toMatch(/tab or a line break.*SameSite/s);
  });
});

describe('storageState', () => {
  it('gives back every cookie', () => {
    fc.assert(
      fc.property(fc.array(cookie, { maxLength: 20 }), (cookies) => {
        const again = readStorageState(storageState(cookies).text).cookies;
        expect(again.map(({ sameSite: _, ...one }) => one)).toEqual(cookies);
      }),
    );
  });

  it('refuses what is none and never fails otherwise', () => {
    expect(() => readStorageState('{}')).toThrow(/no list of cookies/);
    expect(() => readStorageState('{')).toThrow(/no JSON/);
    fc.assert(
      fc.property(fc.array(fc.anything()), (list) => {
        const text = JSON.stringify({ cookies: JSON.parse(JSON.stringify(list)), origins: [{}] });
        expect(readStorageState(text).notes.at(-1)).toBe('Local storage is not taken over');
      }),
    );
  });
});

describe('curl', () => {
  it("for Windows doubles quotes and backslashes and puts cmd's own signs behind carets", () => {
    const flow = recordedFlow('http://a.test/?a=%41&b="c"', { rawHeaders: ['X-A', 'back\\"slash\\'] });
    const { text } = curlCommand(flow, undefined, { shell: 'windows' });
    expect(text).toContain('^"http://a.test/?a=^%41^&b=\\^"c\\^"^"');
    expect(text).toContain('^"X-A: back\\\\\\^"slash\\\\^"');
  });
});

describe('HAR', () => {
  const kept: Uint8Array[] = [];
  const bodies = {
    open: () => {
      const chunks: Uint8Array[] = [];
      return {
        append: (chunk: Uint8Array) => void chunks.push(chunk),
        close: (): BodyInfo => {
          const bytes = Buffer.concat(chunks);
          kept.push(bytes);
          return { size: bytes.length, kept: bytes.length, ref: String(kept.length - 1) };
        },
      };
    },
  };
  let ids = 0;
  const read = (entries: unknown) =>
    readHar(JSON.stringify({ log: { entries } }), { nextId: () => `i${++ids}`, bodies });

  it('takes what browsers write: pseudo fields, folded Set-Cookie, form parameters, no answer', () => {
    const { flows, notes } = read([
      {
        startedDateTime: '2026-11-23T10:00:00.000Z',
        time: 12,
        request: {
          method: 'POST',
          url: 'https://a.test/',
          httpVersion: 'h2',
          headers: [
            { name: ':authority', value: 'a.test' },
            { name: 'cookie', value: 'a=1' },
          ],
          postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'q', value: 'a b' }] },
        },
        response: {
          status: 200,
          statusText: '',
          httpVersion: 'h2',
          headers: [
            { name: 'set-cookie', value: 'a=1; Path=/\nb=2' },
            { name: 'content-encoding', value: 'gzip' },
          ],
          content: { text: 'aGk=', encoding: 'base64' },
        },
      },
      { request: { method: 'GET', url: 'http://b.test/' }, response: { status: 0 } },
      { request: { method: 'GET', url: 'data:text/plain,x' } },
    ]);
    expect(flows[0]).toMatchObject({
      startedAt: Date.UTC(2026, 10, 23, 10),
      request: { httpVersion: '2.0', rawHeaders: ['cookie', 'a=1'], body: { size: 5 } },
      response: { rawHeaders: ['set-cookie', 'a=1; Path=/', 'set-cookie', 'b=2', 'content-encoding', 'gzip'] },
      origin: { imported: 'HAR' },
    });
    expect(flows[1]).toMatchObject({ error: 'No answer was recorded' });
    expect(flows[1]?.response).toBeUndefined();
    expect(notes).toEqual([
      'Entries without a date stand at the time of the import',
      'Entry 3 has no request that can be read',
    ]);
    // Headers and body belong together again.
    expect(Buffer.from(kept.at(-1) ?? []).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it('never fails on entries of any shape', () => {
    fc.assert(
      fc.property(fc.array(fc.anything({ maxDepth: 4 })), (list) => {
        const entries = JSON.parse(JSON.stringify(list)) as unknown[];
        expect(read(entries).flows.length).toBeLessThanOrEqual(entries.length);
      }),
    );
    const odd = fc.record({
      request: fc.record({ method: fc.constant('GET'), url: fc.constant('http://a.test/'), headers: fc.anything() }),
      response: fc.record({ status: fc.anything(), headers: fc.anything(), content: fc.anything() }),
      timings: fc.anything(),
    });
    fc.assert(
      fc.property(odd, (entry) => {
        expect(read([JSON.parse(JSON.stringify(entry))]).flows).toHaveLength(1);
      }),
    );
  });
});
