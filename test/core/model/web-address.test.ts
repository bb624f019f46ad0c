import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathnameOf, percentDecoded, resolveAddress, webAddress } from '../../../core/model/web-address.ts';

describe('an address that browsers accept', () => {
  test.each([
    'http://example.com/',
    'https://EXAMPLE.com:443/a/../b?c#d',
    'http://[::1]:8080/x',
    'http://bücher.example/ü?ü',
    'http://1.2.3/',
    'ws://a.localhost:80/socket',
    'http://user:pa@host:81',
  ])('%s has the parts of URL', (text) => {
    const url = new URL(text);
    const { protocol, hostname, port, host, origin, pathname, search, hash, href } = url;
    expect(webAddress(text)).toEqual({
      ...{ protocol, hostname, port, host, origin, pathname, search, hash, href },
      valid: true,
      url: href,
      secure: protocol === 'https:',
    });
    expect(pathnameOf(text)).toBe(pathname);
  });
});

describe('an address that they do not accept', () => {
  test.each([
    ['http://a%zz.localhost:8080/p?q=1#h', 'a%zz.localhost', '8080', '/p', '?q=1'],
    ['http://a b/', 'a b', '', '/', ''],
    ['https://A^B:443/x', 'a^b', '', '/x', ''],
    ['http://host:99999/x', 'host', '99999', '/x', ''],
    ['http://a%00.localhost:81', 'a%00.localhost', '81', '/', ''],
    ['http://1.2.3.400/y', '1.2.3.400', '', '/y', ''],
    ['http://[::zz]:1/y', '[::zz]', '1', '/y', ''],
    ['//', '', '', '/', ''],
    ['', '', '', '/', ''],
    ['?a', '', '', '/', '?a'],
  ])('%s has parts too', (text, hostname, port, pathname, search) => {
    const address = webAddress(text);
    expect(address).toMatchObject({ valid: false, url: text, hostname, port, pathname, search });
    expect(pathnameOf(text)).toBe(pathname);
    // For libraries: the same host has the same name, another one another.
    expect(new URL(address.href).pathname).toBe(pathname);
    expect(new URL(address.href).host).toBe(new URL(webAddress(`${address.origin}/other`).href).host);
    expect(new URL(address.href).host).not.toBe(new URL(webAddress('http://other%zz/').href).host);
  });
});

test('no text makes it throw, and what it gives is an address for libraries', () => {
  const part = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('%zz', '//', ':', '@', '[', ']', '?', '#', '\\', '\0', ' '),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('http://', 'https://', 'ws://', 'HTTP://', '', 'x:', 'mailto:'), fc.array(part))
      .map(([scheme, parts]) => scheme + parts.join('')),
  );
  fc.assert(
    fc.property(text, text, (one, other) => {
      const address = webAddress(one);
      expect(address.pathname.startsWith('/')).toBe(true);
      expect(pathnameOf(one)).toBe(address.pathname);
      expect(URL.canParse(address.href)).toBe(true);
      const resolved = resolveAddress(other, one);
      if (resolved !== undefined) expect(resolved.protocol).toMatch(/^(https?|wss?):$/);
      percentDecoded(one);
    }),
    { numRuns: 5_000 },
  );
});

test('a redirect stays on a host that browsers do not know', () => {
  const from = 'http://a%zz.localhost:81/x/y?z';
  expect(resolveAddress('/login', from)?.url).toBe('http://a%zz.localhost:81/login');
  expect(resolveAddress('../w?v', from)?.url).toBe('http://a%zz.localhost:81/w?v');
  expect(resolveAddress('http://b.localhost/', from)?.url).toBe('http://b.localhost/');
  expect(resolveAddress('//c%zz/', from)).toBeUndefined();
  expect(resolveAddress('mailto:a@b', from)).toBeUndefined();
});
