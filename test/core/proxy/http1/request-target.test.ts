import { describe, expect, it } from 'vitest';
import { destinationOf } from '../../../../core/proxy/http1/request-target.ts';

const self = { isSelf: (host: string, port: number) => host === '127.0.0.1' && port === 8640 };
const at = (target: string, method = 'GET') => destinationOf({ method, target }, undefined, self);
const tunnel = { secure: true, host: 'shop.test', port: 8443, servername: 'www.shop.test' };
const inside = (target: string, method = 'GET') => destinationOf({ method, target }, tunnel, self);

describe('where a request leads', () => {
  it.each([
    ['http://shop.test/a?b#c', { secure: false, host: 'shop.test', port: 80, path: '/a?b' }],
    ['HTTPS://Shop.test:8443', { secure: true, host: 'Shop.test', port: 8443, path: '/' }],
    ['http://me:secret@shop.test?q=/', { host: 'shop.test', path: '/?q=/' }],
    ['http://[::1]:3000/%2F..//x', { host: '::1', port: 3000, path: '/%2F..//x' }],
    ['http://sessionscope.local/', { own: 'check' }],
    ['http://127.0.0.1:8640/', { own: 'loop' }],
    ['/page', { own: 'direct', path: '/page' }],
  ])('%s', (target, want) => {
    expect(at(target)).toMatchObject(want);
  });

  it('is the tunnel, whatever the request says', () => {
    expect(inside('/a')).toMatchObject({ ...tunnel, path: '/a', url: 'https://shop.test:8443/a' });
    expect(inside('http://evil.test/b')).toMatchObject({ ...tunnel, path: '/b', url: 'https://shop.test:8443/b' });
    expect(inside('*', 'OPTIONS')).toMatchObject({ path: '*', url: 'https://shop.test:8443/*' });
  });

  it('is the whole server for OPTIONS without a path', () => {
    expect(at('http://shop.test', 'OPTIONS').path).toBe('*');
    expect(at('http://shop.test/', 'OPTIONS').path).toBe('/');
  });

  it.each([
    '',
    'nonsense',
    'ftp://x.test/',
    'http://',
    'http://a b/',
    'http://x.test:0/',
    'http://x.test:99999/',
    'http://[::1/',
  ])('is refused for %j', (target) => {
    expect(() => at(target)).toThrow(/malformed/);
  });
});
