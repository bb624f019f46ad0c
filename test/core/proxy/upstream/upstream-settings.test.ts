import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePacAnswer } from '../../../../core/proxy/upstream/pac.ts';
import { hostMatches, parseUpstream, wayTo } from '../../../../core/proxy/upstream/upstream-settings.ts';

describe('parseUpstream', () => {
  it.each([
    ['', { kind: 'direct' }],
    ['direct', { kind: 'direct' }],
    ['proxy.test:3128', { kind: 'http', host: 'proxy.test', port: 3128 }],
    ['http://u%40x:p:w@proxy.test', { kind: 'http', host: 'proxy.test', port: 80, username: 'u@x', password: 'p:w' }],
    ['https://proxy.test/', { kind: 'https', host: 'proxy.test', port: 443 }],
    ['socks5h://[::1]:9050', { kind: 'socks5', host: '::1', port: 9050 }],
    ['socks4://a', { kind: 'socks4', host: 'a', port: 1080 }],
    ['pac+http://a/p.pac', { kind: 'pac', url: 'http://a/p.pac' }],
    ['pac+file:///p.pac', { kind: 'pac', url: 'file:///p.pac' }],
  ])('%s', (text, expected) => {
    expect(parseUpstream(text)).toEqual(expected);
  });

  it('refuses everything else without showing a password', () => {
    for (const text of [
      'ftp://a',
      'http://a:99999',
      'http://',
      'http://u:geheim@:x',
      'foo',
      'none',
      'true',
      'http:',
      '3128',
    ]) {
      expect(() => parseUpstream(text)).toThrow(/is no address of a proxy/);
      expect(() => parseUpstream(text)).not.toThrow(/geheim/);
    }
  });
});

describe('bypass patterns', () => {
  it.each([
    ['*', 'any', true],
    ['shop.test', 'SHOP.test', true],
    ['shop.test', 'a.shop.test', false],
    ['*.shop.test', 'a.shop.test', true],
    ['.shop.test', 'shop.test', true],
    ['*.shop.test', 'ashop.test', false],
    ['shop.test:8080', 'shop.test', true],
    ['shop.test:8081', 'shop.test', false],
    ['10.0.0.0/8', '10.9.8.7', true],
    ['10.0.0.0/8', '11.9.8.7', false],
    ['10.0.0.0/8', 'ten.test', false],
    ['[::1]', '::1', true],
    ['fe80::/10', 'fe80::1', true],
    ['<local>', 'intranet', true],
    ['<local>', 'localhost', true],
    ['<local>', '127.0.0.9', true],
    ['<local>', 'shop.test', false],
    ['', 'x', false],
    ['x/y', 'x', false],
  ])('%s and %s: %s', (pattern, host, expected) => {
    expect(hostMatches(pattern, { host, port: 8080 })).toBe(expected);
  });

  it('never fail', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        (pattern, host) => typeof hostMatches(pattern, { host, port: 1 }) === 'boolean',
      ),
    );
  });

  it('come before hosts of their own, and those before the rest', () => {
    const settings = {
      proxy: parseUpstream('http://a:1'),
      perHost: [{ hosts: ['*.b.test'], proxy: parseUpstream('socks5://b:2') }],
      bypass: ['x.b.test'],
    };
    const way = (host: string) => wayTo(settings, { host, port: 80 });
    expect([way('x.b.test').kind, way('y.b.test').kind, way('c').kind]).toEqual(['direct', 'socks5', 'http']);
  });
});

describe('parsePacAnswer', () => {
  it('reads ways in order and skips what it does not know', () => {
    expect(parsePacAnswer('PROXY a:8080; socks b ;QUIC c:1;HTTPS [::1]:3; DIRECT')).toEqual([
      { kind: 'http', host: 'a', port: 8080 },
      { kind: 'socks4', host: 'b', port: 1080 },
      { kind: 'https', host: '::1', port: 3 },
      { kind: 'direct' },
    ]);
    expect(parsePacAnswer('')).toEqual([{ kind: 'direct' }]);
  });
});
