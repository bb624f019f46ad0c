import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf } from '../../../../core/proxy/http1/facts.ts';
import { parseRequestHead, parseResponseHead } from '../../../../core/proxy/http1/head.ts';
import { HeadError } from '../../../../core/proxy/http1/head-error.ts';
import { HeadLines } from '../../../../core/proxy/http1/head-lines.ts';
import { RequestTargets } from '../../../../core/proxy/http1/request-target.ts';
import { type HeadShape, writeHead } from '../../../../core/proxy/http1/write-head.ts';

/** Few names and values, so that lines come again, change and move; blanks and bare LF as applications send them. */
const line = fc
  .tuple(
    fc.constantFrom('Host', 'Cookie', 'A', 'connection', 'Content-Length', 'Set-Cookie', 'TE', 'Keep-Alive', 'X-Long'),
    fc.constantFrom(': ', ':', ':  ', ':\t'),
    fc.constantFrom('1', 'close', 'a=1; b=2', 'x', '', 'upgrade', 'y'.repeat(40)),
    fc.constantFrom('', ' '),
  )
  .map((parts) => parts.join(''));
const heads = fc.array(fc.array(line, { maxLength: 8 }), { minLength: 2, maxLength: 6 });
const edit = fc.option(fc.tuple(fc.nat(20), fc.constantFrom('new', 'x', 'close')), { nil: undefined });
const shape = (connection: string): HeadShape => ({
  request: false,
  framing: { kind: 'length', length: 1 },
  connection,
  upgrade: false,
  describesBody: false,
  extra: 'Connection: close\r\n',
});

describe('heads that follow each other on a connection', () => {
  it('are read, judged and written as if each were the first, also after a hook', () => {
    fc.assert(
      fc.property(heads, edit, (all, change) => {
        const lines = new HeadLines();
        for (const head of all) {
          const text = `GET / HTTP/1.1\r\n${head.map((one) => `${one}\r\n`).join('')}`;
          const { rawHeaders } = parseRequestHead(text, 100, lines);
          const alone = parseRequestHead(text, 100).rawHeaders;
          expect(rawHeaders).toEqual(alone);
          if (change !== undefined && alone.length > 0) {
            for (const list of [rawHeaders, alone]) list[change[0] % list.length] = change[1];
          }
          expect(lines.factsOf(rawHeaders)).toEqual(factsOf(alone));
          const { connection } = factsOf(alone);
          expect(writeHead('X', rawHeaders, shape(connection), lines)).toBe(writeHead('X', alone, shape(connection)));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('the same for answers, with what is mended in them', () => {
    const odd = fc.constantFrom(
      'A: 1',
      'A : 1',
      'B: x\0y',
      ' folded',
      'no colon',
      'C:  2',
      'Set-Cookie: a=1',
      'D: a\rb',
    );
    const ends = fc.constantFrom('\r\n', '\n');
    fc.assert(
      fc.property(fc.array(fc.array(fc.tuple(odd, ends), { maxLength: 7 }), { minLength: 2, maxLength: 6 }), (all) => {
        const lines = new HeadLines();
        for (const head of all) {
          const text = `HTTP/1.1 200 OK\r\n${head.map((parts) => parts.join('')).join('')}\r\n`;
          const bytes = Buffer.from(text, 'latin1');
          // What comes in pieces is read from the start again.
          parseResponseHead(bytes.subarray(0, bytes.length >> 1), 100, lines);
          const read = parseResponseHead(bytes, 100, lines);
          const alone = parseResponseHead(bytes, 100);
          expect(read).toEqual(alone);
          const received = read?.head.rawHeaders ?? [];
          expect(writeHead('X', received, shape(''), lines)).toBe(writeHead('X', [...received], shape('')));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are refused for a bad line that follows lines known to be good', () => {
    const lines = new HeadLines();
    parseRequestHead('GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\n', 100, lines);
    for (const bad of ['Host: a\r\nA: 1\r\n folded\r\n', 'Host: a\r\nA: 1\rB: 2\r\n', 'Host: a\r\nA: 1\nB: 2\r\n']) {
      expect(() => parseRequestHead(`GET / HTTP/1.1\r\n${bad}`, 100, lines)).toThrow(HeadError);
    }
    expect(() => parseRequestHead('GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\n', 1, lines)).toThrow('too many');
  });

  it('leave nothing behind of a long one', () => {
    const lines = new HeadLines();
    const { rawHeaders } = parseRequestHead(`GET / HTTP/1.1\r\nA: ${'x'.repeat(10_000)}\r\n`, 100, lines);
    expect(lines.knows(rawHeaders)).toBe(false);
    expect(writeHead('X', rawHeaders, shape(''), lines)).toContain('x'.repeat(10_000));
  });
});

describe('the targets of one connection', () => {
  const self = { isSelf: (host: string, port: number) => host === '127.0.0.1' && port === 8640 };
  const target = fc.constantFrom(
    'http://a.test/',
    'http://a.test/x?y',
    'http://a.test:81/x',
    'http://a.test#f',
    'http://a.test/x#f',
    'http://a.testing/x',
    'http://a.test?x',
    'http://u@a.test/x',
    'http://127.0.0.1:8640/x',
    'http://sessionscope.local/x',
    'https://a.test/x',
    '/x',
    '*',
    'nonsense',
  );
  const tunnel = { secure: true, host: 'b.test', port: 443, servername: 'c.test' };
  const answer = (ask: () => unknown) => {
    try {
      return ask();
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('lead where each would alone', () => {
    fc.assert(
      fc.property(fc.array(target, { maxLength: 8 }), fc.constantFrom(undefined, tunnel), (all, inside) => {
        const targets = new RequestTargets(inside, self);
        for (const one of all) {
          const request = { method: 'GET', target: one };
          const alone = new RequestTargets(inside, self);
          expect(answer(() => targets.destinationOf(request))).toEqual(answer(() => alone.destinationOf(request)));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
