import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cookiesTxt, readCookiesTxt } from '../../../core/interop/cookies-txt.ts';
import { readHar } from '../../../core/interop/read-har.ts';
import { readStorageState, storageState } from '../../../core/interop/storage-state.ts';
import { harText } from '../../../core/interop/write-har.ts';
import type { BodyInfo, Flow } from '../../../core/model/flow.ts';
import type { CookieView } from '../../../core/model/session.ts';

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, '../../fixtures/interop', name), 'utf8');
const base: CookieView = {
  name: 'sid',
  value: 'abc',
  domain: 'a.test',
  hostOnly: true,
  path: '/',
  secure: false,
  httpOnly: false,
  partitioned: false,
  others: [],
};
const UTF8 = Buffer.from('Zoë 日本').toString('latin1');

/** Each attribute in each format: `kept` both ways, or the note that says what becomes of it. */
const ATTRIBUTES: readonly (readonly [
  what: string,
  cookie: Partial<CookieView>,
  txt: 'kept' | RegExp,
  state: 'kept' | RegExp,
])[] = [
  ['name and value', {}, 'kept', 'kept'],
  ['an empty value', { value: '' }, 'kept', 'kept'],
  ['UTF-8 in name and value', { name: UTF8.replace(' ', ''), value: UTF8 }, 'kept', 'kept'],
  ['bytes that are no UTF-8', { value: 'caf\xe9' }, /no UTF-8/, /no UTF-8/],
  ['equals signs, quotes and commas', { value: '"a=b, c"' }, 'kept', 'kept'],
  ['a tab', { value: 'a\tb' }, /tab or a line break/, 'kept'],
  ['a domain with its hosts', { hostOnly: false }, 'kept', 'kept'],
  ['a path', { path: '/shop/x' }, 'kept', 'kept'],
  ['Secure', { secure: true }, 'kept', 'kept'],
  ['HttpOnly', { httpOnly: true }, 'kept', 'kept'],
  ['an expiry', { expires: 1_934_163_357_000 }, 'kept', 'kept'],
  ['fractions of a second', { expires: 1_934_163_357_500 }, /Fractions of a second/, 'kept'],
  ['SameSite=None', { sameSite: 'None', secure: true }, /SameSite/, 'kept'],
  ['SameSite=Lax', { sameSite: 'Lax' }, /SameSite/, 'kept'],
  ['SameSite=Strict', { sameSite: 'Strict' }, /SameSite/, 'kept'],
  [
    'a partition',
    { partitioned: true, partition: { topLevelSite: 'https://top.test', hasCrossSiteAncestor: true } },
    /Partitioned/,
    'kept',
  ],
  ['Partitioned without its site', { partitioned: true }, /Partitioned/, /site of a partition is not known/],
  ['Priority', { priority: 'High' }, /Priority/, /Priority/],
];

describe('cookies in the formats of other programs', () => {
  it.each(ATTRIBUTES)('%s', (_, changes, txt, state) => {
    const cookie = { ...base, ...changes };
    const asTxt = cookiesTxt([cookie]);
    if (txt === 'kept') {
      expect(readCookiesTxt(asTxt.text).cookies).toEqual([cookie]);
      expect(asTxt.notes).toEqual([]);
    } else expect(asTxt.notes.join()).toMatch(txt);
    const withSite = { sameSite: 'Lax', ...cookie };
    const asState = storageState([withSite]);
    if (state === 'kept') {
      expect(readStorageState(asState.text)).toEqual({ cookies: [withSite], notes: [] });
      expect(asState.notes).toEqual([]);
    } else expect(asState.notes.join()).toMatch(state);
  });

  it('say that Playwright needs a SameSite', () => {
    expect(storageState([base]).notes).toEqual(['Cookies without SameSite are written as Lax, which the format needs']);
  });

  it('are read from cookies.txt as Python and others write it, and keep UTF-8 both ways', () => {
    for (const name of ['empty-expiry-cookies.txt', 'python-session.txt']) {
      const { cookies, notes } = readCookiesTxt(fixture(name));
      expect(notes).toEqual([]);
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatchObject({ value: 'abc', hostOnly: true });
      expect(cookies[0]?.expires).toBeUndefined();
    }
    const { cookies } = readCookiesTxt(fixture('utf8.txt'));
    expect(cookies.map(({ value }) => Buffer.from(value, 'latin1').toString())).toEqual(['Zoë', '日本']);
    expect(cookiesTxt(cookies).text).toContain('\tZoë\n');
    for (const expiry of ['-1', '0', ' ', '1934163357.25']) {
      expect(readCookiesTxt(`a.test\tFALSE\t/\tFALSE\t${expiry}\tsid\tabc`).cookies).toHaveLength(1);
    }
  });

  it('are read from the lists of extensions and of Puppeteer, with every attribute', () => {
    const editor = readStorageState(fixture('cookie-editor.json'));
    expect(editor.cookies).toEqual([
      {
        ...base,
        name: 'ce',
        domain: 'localhost',
        expires: 1_934_163_357_500,
        secure: true,
        httpOnly: true,
        sameSite: 'None',
      },
    ]);
    expect(editor.notes).toEqual(['Not taken over, because it means nothing elsewhere: storeId']);
    const other = readStorageState(
      JSON.stringify([
        // EditThisCookie.
        {
          domain: '.a.test',
          hostOnly: false,
          httpOnly: false,
          name: 'b',
          path: '/',
          sameSite: 'unspecified',
          secure: false,
          session: true,
          storeId: '0',
          value: 'x',
          id: 1,
          expirationDate: 1_934_163_357,
        },
        // Get cookies.txt LOCALLY, as JSON.
        {
          domain: 'a.test',
          hostOnly: true,
          httpOnly: true,
          name: 'c',
          path: '/',
          sameSite: 'strict',
          secure: true,
          session: true,
          value: 'ü',
          partitionKey: { topLevelSite: 'https://t.test' },
        },
        // Puppeteer.
        {
          name: 'd',
          value: 'z',
          domain: 'a.test',
          path: '/',
          expires: -1,
          size: 2,
          httpOnly: false,
          secure: true,
          session: true,
          priority: 'High',
          sourceScheme: 'Secure',
          sourcePort: 8443,
          sameSite: 'Sometimes',
        },
        { name: 'e', value: 'u', url: 'http://b.test:81/x' },
      ]),
    );
    expect(other.cookies).toEqual([
      { ...base, name: 'b', value: 'x', hostOnly: false },
      {
        ...base,
        name: 'c',
        value: Buffer.from('ü').toString('latin1'),
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        partitioned: true,
        partition: { topLevelSite: 'https://t.test', hasCrossSiteAncestor: false },
      },
      { ...base, name: 'd', value: 'z', secure: true, priority: 'High', sourceScheme: 'https', sourcePort: 8443 },
      { ...base, name: 'e', value: 'u', domain: 'b.test' },
    ]);
    expect(other.notes.join('\n')).toMatch(/storeId, id[\s\S]*SameSite Sometimes/);
  });
});

describe('HAR of other programs', () => {
  const kept: Buffer[] = [];
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
  const NOW = 1_795_000_000_000;
  let ids = 0;
  const read = (text: string) => readHar(text, { nextId: () => `h${(ids += 1)}`, bodies, now: NOW });
  const one = (entry: object) => {
    const { flows, notes } = read(JSON.stringify({ log: { entries: [entry] } }));
    const [flow] = flows;
    if (flow === undefined) throw new Error('nothing was read');
    return { flow, notes };
  };
  const bodyOf = (info: BodyInfo | undefined) => kept[Number(info?.ref)]?.toString() ?? '';
  const request = { method: 'GET', url: 'https://a.test/', httpVersion: 'HTTP/1.1', headers: [] };
  const response = { status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1', headers: [], content: {} };
  const startedDateTime = '2026-01-02T03:04:05.678Z';

  it('keeps HTTP/3, bodies that stand in parameters, numbers that are text, and dates that are missing', () => {
    const [h3] = read(fixture('h3.har')).flows;
    expect(h3?.request.httpVersion).toBe('3.0');
    expect(h3?.response?.httpVersion).toBe('3.0');
    const [params] = read(fixture('params-beside-empty-text.har')).flows;
    expect(bodyOf(params?.request.body)).toBe('user=a+b&p=x%26y');
    expect(one({ startedDateTime, request, response: { ...response, status: '404' } }).flow.response?.status).toBe(404);
    const dateless = one({ request, response });
    expect(dateless.flow.startedAt).toBe(NOW);
    expect(dateless.notes).toEqual(['Entries without a date stand at the time of the import']);
    expect(one({ startedDateTime: NOW / 1000, request, response }).flow.startedAt).toBe(NOW);
    expect(one({ startedDateTime, request, response: { status: 0, _error: 'net::ERR_FAILED' } }).flow.error).toBe(
      'net::ERR_FAILED',
    );
  });

  it('rebuilds multipart bodies, and makes fields of cookies that stand in lists only', () => {
    const mimeType = 'multipart/form-data; boundary=XX';
    const params = [
      { name: 'a', value: '1' },
      { name: 'f', fileName: 'x.txt', contentType: 'text/plain', value: 'hi' },
    ];
    const { flow, notes } = one({
      startedDateTime,
      request: { ...request, method: 'POST', postData: { mimeType, params }, cookies: [{ name: 'sid', value: '1' }] },
      response: {
        ...response,
        cookies: [
          { name: 'sid', value: '2', path: '/', httpOnly: true, sameSite: 'Lax', expires: '2027-01-01T00:00:00Z' },
        ],
      },
    });
    expect(bodyOf(flow.request.body)).toBe(
      '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--XX--\r\n',
    );
    expect(flow.request.rawHeaders).toEqual(['Cookie', 'sid=1']);
    expect(flow.response?.rawHeaders).toEqual([
      'Set-Cookie',
      'sid=2; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT; HttpOnly; SameSite=Lax',
    ]);
    expect(notes).toEqual(['Cookies that stand in lists only were made into header fields']);
  });

  /** Each attribute of a flow, through our own HAR and back: kept, or with a note. */
  it('has every attribute of a flow back from our own, or says what it cannot hold', async () => {
    const body = Buffer.from('hello');
    const flow: Flow = {
      id: 'f1',
      startedAt: NOW,
      endedAt: NOW + 120,
      client: { address: '127.0.0.1', port: 5000 },
      request: {
        method: 'POST',
        url: 'https://a.test/x?y=1',
        httpVersion: '3.0',
        rawHeaders: ['X-A', '1', 'x-a', '2', 'Content-Encoding', 'gzip'],
        body: { size: 5, kept: 5, ref: 'b' },
        trailers: ['X-T', '1'],
      },
      response: {
        status: 204,
        reason: 'No',
        httpVersion: '2.0',
        rawHeaders: ['Set-Cookie', 'a=1; Path=/', 'Set-Cookie', 'b=2'],
        body: { size: 0, kept: 0 },
      },
      server: { address: '10.0.0.1', port: 8443 },
      timing: { connectMs: 10, tlsMs: 5 },
      kind: 'http',
    };
    const frames = { count: 2, kept: 2, ref: 'f' };
    const socket: Flow = {
      ...flow,
      kind: 'websocket',
      frames,
      request: { ...flow.request, body: { size: 0, kept: 0 } },
    };
    const whole = { fin: true, compressed: false, size: 2 };
    const views = [
      { ...whole, at: NOW + 1, from: 'client' as const, opcode: 1, base64: Buffer.from('hé').toString('base64') },
      { ...whole, at: NOW + 2, from: 'server' as const, opcode: 2, base64: 'AP8=' },
    ];
    let text = '';
    const notes: string[] = [];
    for await (const piece of harText([flow, socket], {
      version: '1',
      withSecrets: true,
      readBody: async () => body,
      readFrames: async () => ({ frames: views, total: 2 }),
      onNotes: (all) => notes.push(...all),
    })) {
      text += piece;
    }
    expect(notes).toEqual(['Trailers have no place in a HAR']);
    const [back, backSocket] = read(text).flows;
    const { trailers: _, body: __, ...requestKept } = flow.request;
    expect(back).toMatchObject({
      startedAt: flow.startedAt,
      endedAt: flow.endedAt,
      request: requestKept,
      response: { status: 204, reason: 'No', httpVersion: '2.0', rawHeaders: flow.response?.rawHeaders },
      server: flow.server,
      timing: flow.timing,
      kind: 'http',
    });
    // A body whose coding did not fit comes back as the same bytes.
    expect(bodyOf(back?.request.body)).toBe('hello');
    expect(backSocket).toMatchObject({
      kind: 'websocket',
      request: { url: flow.request.url },
      frames: { count: 2, kept: 2 },
    });
    const again = JSON.parse(kept[Number(backSocket?.frames?.ref)]?.toString() ?? '[]') as typeof views;
    expect(again.map(({ at, from, opcode, base64 }) => ({ at, from, opcode, base64 }))).toEqual(
      views.map(({ at, from, opcode, base64 }) => ({ at, from, opcode, base64 })),
    );
  });
});
