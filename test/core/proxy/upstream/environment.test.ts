import { describe, expect, it } from 'vitest';
import { environmentUpstream } from '../../../../core/proxy/upstream/environment.ts';
import { wayTo } from '../../../../core/proxy/upstream/upstream-settings.ts';

/** `host:port` of the proxy for a target, or `direct`. */
function way(env: Record<string, string>, host: string, port = 80, secure = false): string {
  const settings = environmentUpstream(env)?.settings;
  if (settings === undefined) return 'direct';
  const found = wayTo(settings, { host, port, secure });
  return found.kind === 'direct' || found.kind === 'pac' ? found.kind : `${found.kind} ${found.host}:${found.port}`;
}

const BOTH = { HTTP_PROXY: 'http://a.test:1', HTTPS_PROXY: 'http://b.test:2' };

describe('the proxy that the environment names', () => {
  it('is none without the variables, or with empty ones', () => {
    expect(environmentUpstream({})).toBe(undefined);
    expect(environmentUpstream({ HTTP_PROXY: ' ', http_proxy: '', NO_PROXY: '*' })).toBe(undefined);
  });

  it('is chosen by scheme, lower case first', () => {
    expect(way(BOTH, 'shop.test')).toBe('http a.test:1');
    expect(way(BOTH, 'shop.test', 8443, true)).toBe('http b.test:2');
    expect(way(BOTH, 'shop.test', 443)).toBe('http b.test:2');
    expect(way({ ...BOTH, http_proxy: 'c.test:3' }, 'shop.test')).toBe('http c.test:3');
    expect(way({ HTTP_PROXY: 'http://a.test:1' }, 'shop.test', 443, true)).toBe('direct');
    expect(way({ ALL_PROXY: 'socks5://s.test:9' }, 'shop.test', 443, true)).toBe('socks5 s.test:9');
  });

  it.each([
    ['shop.test', 'shop.test', true],
    ['shop.test', 'a.shop.test', true],
    ['.shop.test', 'shop.test', true],
    ['*.shop.test', 'a.shop.test', true],
    ['shop.test', 'ashop.test', false],
    ['other.test, shop.test', 'shop.test', true],
    ['other.test shop.test', 'shop.test', true],
    ['shop.test:8080', 'shop.test', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.0/8', '10.2.3.4', true],
    ['10.0.0.1', '10.0.0.10', false],
    ['::1', '::1', true],
    ['fd00::/8', 'fd00::5', true],
    ['*', 'any.test', true],
    ['', 'localhost', true],
    ['', '127.0.0.1', true],
    ['', 'x.localhost', true],
    ['', 'intranet', true],
  ])('NO_PROXY=%s leaves %s out: %s', (without, host, out) => {
    expect(way({ ...BOTH, NO_PROXY: without }, host) === 'direct').toBe(out);
  });

  it('is said in one line, without a password', () => {
    const { line } = environmentUpstream({ HTTPS_PROXY: 'http://u:geheim@p.test:8080', no_proxy: 'a,b' }) ?? {};
    expect(line).toBe('Requests leave through http://p.test:8080 (HTTPS_PROXY); straight to a, b (NO_PROXY)');
  });

  it('is refused where it is no address', () => {
    expect(() => environmentUpstream({ HTTP_PROXY: 'foo' })).toThrow(/foo is no address of a proxy/);
  });
});
