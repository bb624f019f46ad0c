import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, requestFraming } from '../../../../core/proxy/http1/facts.ts';
import { HeadError } from '../../../../core/proxy/http1/head-error.ts';
import { RequestReader } from '../../../../core/proxy/http1/request-reader.ts';
import { ResponseReader } from '../../../../core/proxy/http1/response-reader.ts';

const limits = { headBytes: 1000, headerCount: 20 };

/** The pieces of a text cut at these places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const stops = [...new Set([0, ...places.map((place) => place % bytes.length), bytes.length])].sort((a, b) => a - b);
  return stops.slice(1).map((stop, i) => bytes.subarray(stops[i], stop));
}

/** What a reader makes of requests that come in pieces: `method target body` each. */
function requestsOf(pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  let body: string | undefined;
  let line = '';
  const reader = new RequestReader(limits, (chunk) => {
    body += chunk.toString('latin1');
  });
  for (const piece of pieces) {
    reader.push(piece);
    while (reader.waiting > 0) {
      if (body === undefined) {
        const head = reader.head();
        if (head === undefined) break;
        line = `${head.method} ${head.target}`;
        const framing = requestFraming(factsOf(head.rawHeaders), head.version);
        reader.expect(framing);
        if (framing.kind === 'none') found.push(line);
        else body = '';
      } else if (reader.body()) {
        found.push(`${line} ${body} ${reader.trailers?.join('=') ?? ''}`.trim());
        body = undefined;
      }
    }
  }
  return found;
}

/** What a reader makes of answers to GET that come in pieces; `pause` after these events, resumed before the next piece. */
function answersOf(pieces: readonly Buffer[], pauseAt: ReadonlySet<number> = new Set(), answers = 9): string[] {
  const found: string[] = [];
  let body = '';
  let events = 0;
  let left = answers;
  const pause = () => {
    if (pauseAt.has(events++)) reader.pause();
  };
  const reader: ResponseReader = new ResponseReader(limits, {
    readInformational(head) {
      found.push(`${head.status}`);
      pause();
    },
    readHead(head, framing) {
      body = `${head.status} ${framing.kind} `;
      pause();
    },
    readBody(chunk) {
      body += chunk.toString('latin1');
      pause();
    },
    readEnd(trailers) {
      found.push(`${body}${trailers === undefined ? '' : ` [${trailers}]`}`);
      if (--left > 0) reader.expect('GET', true);
    },
    readSwitch: (head, rest) => void found.push(`${head.status} ${rest.toString('latin1')}`),
    readSurplus: () => void found.push('surplus'),
  });
  reader.expect('GET', true);
  for (const piece of pieces) {
    reader.resume();
    reader.feed(piece);
  }
  for (let i = 0; i < 50; i++) reader.resume();
  reader.finish();
  return found;
}

const places = fc.array(fc.nat(2000), { maxLength: 12 });

describe('requests in pieces', () => {
  const text =
    '\r\nGET http://a.test/1 HTTP/1.1\r\nHost: a\r\n\r\n' +
    'POST /2 HTTP/1.1\r\nContent-Length: 11\r\n\r\nhello\r\n\r\nab\r\n' +
    'PUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n' +
    'GET /4 HTTP/1.1\r\n\r\n';

  it('are the same for every cut', () => {
    fc.assert(
      fc.property(places, (at) => {
        expect(requestsOf(cut(text, at))).toEqual([
          'GET http://a.test/1',
          'POST /2 hello\r\n\r\nab',
          'PUT /3 abcde T=1',
          'GET /4',
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a head without end', `GET / HTTP/1.1\r\nA: ${'x'.repeat(1000)}`, 431],
    ['a head that is too long', `GET / HTTP/1.1\r\nA: ${'x'.repeat(1000)}\r\n\r\n`, 431],
    ['too many fields', `GET / HTTP/1.1\r\n${'A: 1\r\n'.repeat(21)}\r\n`, 431],
    ['an end of bare line feeds', 'GET / HTTP/1.1\nA: 1\n\n', 400],
  ])('are refused for %s', (_name, head, status) => {
    const reader = new RequestReader(limits, () => {});
    reader.push(Buffer.from(head));
    expect(() => reader.head()).toThrow(expect.objectContaining({ status }));
  });

  it('leave what comes after them to whoever takes over', () => {
    const reader = new RequestReader(limits, () => {});
    reader.push(Buffer.from('CONNECT a:1 HTTP/1.1\r\n\r\nrest'));
    expect(reader.head()?.method).toBe('CONNECT');
    expect(reader.take().toString()).toBe('rest');
    expect(reader.waiting).toBe(0);
  });
});

describe('answers in pieces', () => {
  const text =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' +
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n0\nT: 1\n\n' +
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n' +
    'HTTP/1.0 200 OK\r\n\r\nuntil the end';
  const whole = ['100', '200 length hello', '200 chunked abc [T,1]', '304 none ', '200 close until the end'];

  it('are the same for every cut and every pause', () => {
    fc.assert(
      fc.property(places, fc.uniqueArray(fc.nat(12), { maxLength: 6 }), (at, pauses) => {
        expect(answersOf(cut(text, at), new Set(pauses))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('end with those that were asked for: more is surplus', () => {
    expect(answersOf([Buffer.from(text)], new Set(), 1)).toEqual(['100', '200 length hello', 'surplus']);
  });

  it('hand the connection over with 101, only where it was asked for', () => {
    const switching = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes');
    expect(answersOf([switching])).toEqual(['101 bytes']);
    const reader = new ResponseReader(limits, {} as never);
    reader.expect('GET', false);
    expect(() => reader.feed(switching)).toThrow(HeadError);
  });
});
