import { describe, expect, it } from 'vitest';
import { factsOf, keepsConnection, requestFraming, responseFraming } from '../../../../core/proxy/http1/facts.ts';

const framing = (...fields: string[]) => requestFraming(factsOf(fields), '1.1');
const answer = (status: number, method: string, ...fields: string[]) =>
  responseFraming(factsOf(fields), method, status);

describe('framing of requests', () => {
  it('follows RFC 9112 section 6.3', () => {
    expect(framing()).toEqual({ kind: 'none' });
    expect(framing('content-length', '12')).toEqual({ kind: 'length', length: 12 });
    expect(framing('Content-Length', '5, 5', 'CONTENT-LENGTH', '5')).toEqual({ kind: 'length', length: 5 });
    expect(framing('Transfer-Encoding', 'CHUNKED')).toEqual({ kind: 'chunked' });
  });

  it.each([
    [['Content-Length', '5', 'Content-Length', '6']],
    [['Content-Length', '+5']],
    [['Content-Length', '0x5']],
    [['Content-Length', '']],
    [['Content-Length', '5,']],
    [['Content-Length', '1e3']],
    [['Content-Length', '9999999999999999']],
    [['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'identity']],
    [['Transfer-Encoding', ' chunked;x']],
    [['Host', 'a', 'host', 'b']],
  ])('refuses %j', (fields) => {
    expect(() => framing(...fields)).toThrow();
  });

  it('refuses Transfer-Encoding in HTTP/1.0', () => {
    expect(() => requestFraming(factsOf(['Transfer-Encoding', 'chunked']), '1.0')).toThrow();
  });
});

describe('framing of responses', () => {
  it('follows RFC 9112 section 6.3', () => {
    expect(answer(200, 'HEAD', 'Content-Length', '5')).toEqual({ kind: 'none' });
    expect(answer(204, 'GET', 'Content-Length', '5')).toEqual({ kind: 'none' });
    expect(answer(304, 'GET', 'Content-Length', '5')).toEqual({ kind: 'none' });
    expect(answer(200, 'GET')).toEqual({ kind: 'close' });
    expect(answer(200, 'GET', 'Content-Length', '5', 'Transfer-Encoding', 'chunked')).toEqual({ kind: 'chunked' });
    expect(answer(200, 'GET', 'Transfer-Encoding', 'gzip')).toEqual({ kind: 'close' });
    expect(() => answer(200, 'GET', 'Content-Length', '5', 'Content-Length', '6')).toThrow();
    expect(() => answer(200, 'GET', 'Transfer-Encoding', 'gzip, chunked')).toThrow();
  });
});

describe('keeping a connection', () => {
  it('follows RFC 9112 section 9.3', () => {
    const keeps = (version: string, ...fields: string[]) => keepsConnection(factsOf(fields), version);
    expect(keeps('1.1')).toBe(true);
    expect(keeps('1.0')).toBe(false);
    expect(keeps('1.0', 'Connection', 'Keep-Alive')).toBe(true);
    expect(keeps('1.1', 'Connection', 'x, Close')).toBe(false);
    expect(keeps('1.1', 'Connection', 'x', 'Connection', 'close')).toBe(false);
  });
});
