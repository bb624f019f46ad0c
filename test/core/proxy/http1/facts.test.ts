import { describe, expect, it } from 'vitest';
import {
  factsOf,
  hasSureEnd,
  keepsConnection,
  requestFraming,
  responseFraming,
} from '../../../../core/proxy/http1/facts.ts';

const framing = (...fields: string[]) => requestFraming(factsOf(fields), '1.1');
const answer = (status: number, method: string, ...fields: string[]) =>
  responseFraming(factsOf(fields), method, status, fields);

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
  });

  // `odd-answers.test.ts` holds these beside curl and Chromium.
  it('is as lenient as curl and Chromium', () => {
    const chunked = { kind: 'chunked' };
    for (const coding of ['gzip, chunked', 'chunked,chunked', 'chunked, identity', ',CHUNKED', 'chunked,']) {
      expect(answer(200, 'GET', 'Transfer-Encoding', coding)).toEqual(chunked);
      expect(answer(200, 'GET', 'Transfer-Encoding', coding, 'Content-Length', '1')).toEqual(chunked);
    }
    const five = { kind: 'length', length: 5 };
    for (const coding of ['identity', 'none', '', 'xchunked', 'chunked;q=1', '"chunked"']) {
      expect(answer(200, 'GET', 'Transfer-Encoding', coding, 'Content-Length', '5')).toEqual(five);
    }
    for (const length of ['5,', ',5', '0000000000000000000005', '5, 05']) {
      expect(answer(200, 'GET', 'Content-Length', length)).toEqual(five);
    }
    for (const length of ['-1', '+5', '5abc', '', '5.0', '0x5', '"5"', '99999999999999999999']) {
      expect(answer(200, 'GET', 'Content-Length', length)).toEqual({ kind: 'close' });
    }
    for (const lengths of [
      ['5', 'abc'],
      ['5', '-5'],
      ['5, 6', '5'],
    ]) {
      const fields = lengths.flatMap((length) => ['Content-Length', length]);
      expect(() => answer(200, 'GET', ...fields)).toThrow(/contradictory/);
    }
  });

  it('is sure only where RFC 9112 says where the end is', () => {
    const sure = (...fields: string[]) => hasSureEnd(factsOf(fields), '1.1');
    expect(sure()).toBe(true);
    expect(sure('Content-Length', '5')).toBe(true);
    expect(sure('Transfer-Encoding', 'chunked')).toBe(true);
    expect(sure('Transfer-Encoding', 'chunked', 'Content-Length', '5')).toBe(false);
    expect(sure('Transfer-Encoding', 'identity', 'Content-Length', '5')).toBe(false);
    expect(sure('Content-Length', '-1')).toBe(false);
    expect(hasSureEnd(factsOf(['Transfer-Encoding', 'chunked']), '1.0')).toBe(false);
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
