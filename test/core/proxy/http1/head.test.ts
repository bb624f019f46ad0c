import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRequestHead, parseResponseHead } from '../../../../core/proxy/http1/head.ts';
import { HeadError } from '../../../../core/proxy/http1/head-error.ts';

const request = (text: string) => parseRequestHead(text, 2000);
const response = (text: string) => parseResponseHead(Buffer.from(text, 'latin1'), 2000);

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
/** Any bytes a field value can have: no control characters but tabs, no blanks at the ends. */
const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,60}[\x21-\x7e\x80-\xff])?$/);

describe('request heads', () => {
  it('give back name and value of every field exactly', () => {
    fc.assert(
      fc.property(token, fc.array(fc.tuple(token, value), { maxLength: 12 }), (method, fields) => {
        const text = `${method} /a HTTP/1.1\r\n${fields.map(([name, text]) => `${name}: ${text}\r\n`).join('')}`;
        expect(request(text)).toEqual({ method, target: '/a', version: '1.1', rawHeaders: fields.flat() });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['bare LF', 'GET / HTTP/1.1\nA: 1\r\n'],
    ['bare CR', 'GET / HTTP/1.1\r\nA: 1\r2\r\n'],
    ['folded line', 'GET / HTTP/1.1\r\nA: 1\r\n 2\r\n'],
    ['NUL', 'GET / HTTP/1.1\r\nA: \0\r\n'],
    ['space before the colon', 'GET / HTTP/1.1\r\nA : 1\r\n'],
    ['no colon', 'GET / HTTP/1.1\r\nA\r\n'],
    ['empty name', 'GET / HTTP/1.1\r\n: 1\r\n'],
    ['no version', 'GET /\r\n'],
    ['two spaces', 'GET  / HTTP/1.1\r\n'],
    ['blank in the target', 'GET /a b HTTP/1.1\r\n'],
    ['lower-case protocol', 'GET / http/1.1\r\n'],
    ['HTTP/2 in text', 'GET / HTTP/2.0\r\n'],
    ['no method', ' / HTTP/1.1\r\n'],
  ])('are refused with %s', (_name, text) => {
    expect(() => request(text)).toThrow(HeadError);
  });

  it('are refused with too many fields', () => {
    expect(() => parseRequestHead(`GET / HTTP/1.1\r\n${'A: 1\r\n'.repeat(11)}`, 10)).toThrow(/too many/);
  });
});

describe('response heads', () => {
  it('are found at any cut and say where they end', () => {
    const text = 'HTTP/1.1 200 OK\r\nA: 1\r\nB:2\r\n\r\n';
    for (let cut = 0; cut < text.length; cut++) expect(response(text.slice(0, cut))).toBeUndefined();
    expect(response(`${text}body`)).toEqual({
      head: { status: 200, reason: 'OK', version: '1.1', rawHeaders: ['A', '1', 'B', '2'] },
      end: text.length,
    });
  });

  it('bear bare LF before a body with an empty line', () => {
    expect(response('HTTP/1.0 200 OK\nA: 1\n\nx\r\n\r\n')).toEqual({
      head: { status: 200, reason: 'OK', version: '1.0', rawHeaders: ['A', '1'] },
      end: 22,
    });
  });

  it('unfold lines, trim names, keep control characters, drop what is no field', () => {
    const { head } = response('HTTP/1.1 200\r\nA: 1\r\n\t2\r\nB : \x013\r\nnonsense\r\nC:\r\n\r\n') ?? {};
    expect(head?.rawHeaders).toEqual(['A', '1 2', 'B', '\x013', 'C', '']);
    expect(head?.reason).toBe('');
  });

  it('never let a stray CR or NUL through', () => {
    const { head } = response('HTTP/1.1 200 O\rK\r\nA: 1\r2\0\r\n\r\n') ?? {};
    expect(head?.rawHeaders).toEqual(['A', '1 2']);
    expect(head?.reason).toBe('O K');
  });

  // As Chromium reads them; `odd-answers.test.ts` holds the two side by side.
  it.each([
    ['HTTP/1.1 20 OK', 20, '1.1'],
    ['HTTP/1.1 099 x', 99, '1.1'],
    ['HTTP/2 200', 200, '1.1'],
    ['HTTP/1 200 OK', 200, '1.1'],
    ['HTTP/1.1', 200, '1.1'],
    ['HTTP 404 Not Found', 404, '1.0'],
    ['HTTP/0.9 200 OK', 200, '1.0'],
    ['\r\nHTTP/1.0 500 x', 500, '1.0'],
    ['\xef\xbb\xbfHTTP/1.1 200 OK', 200, '1.1'],
  ])('are odd when the status line is %j, and say %d', (line, status, version) => {
    const text = `${line}\r\nA: 1\r\n\r\n`;
    expect(response(`${text}x`)).toMatchObject({
      head: { status, version, rawHeaders: ['A', '1'], odd: true },
      end: text.length,
    });
    for (let cut = 0; cut < text.length; cut++) expect(response(text.slice(0, cut))).toBe(undefined);
  });

  it.each(['ICY 200 OK\r\n\r\n', 'abcdeHTTP/1.1 200 OK\r\n\r\n', '\r\n\r\n\r\n\r\n', 'hello, world\r\n\r\n'])(
    'are refused when the status line is %j',
    (text) => {
      expect(() => response(text)).toThrow(HeadError);
    },
  );

  it('never fail in another way, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseResponseHead(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), bytes, Buffer.from('\r\n\r\n')]), 2000);
        } catch (error) {
          expect(error).toBeInstanceOf(HeadError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
