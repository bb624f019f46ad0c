import { describe, expect, it } from 'vitest';
import { chromiumArguments, chromiumPreferences } from '../../../core/browser/chromium-arguments.ts';
import { firefoxPreferences, userJs } from '../../../core/browser/firefox-profile.ts';

const options = { proxyPort: 8640, spki: ['a=', 'b='], caPem: '', profileDir: '/p', startUrl: 'http://x/' };

describe('chromiumArguments', () => {
  it('sends everything through the proxy, loopback too, and trusts our key alone', () => {
    const args = chromiumArguments(options, '/p/one', { asRoot: false });
    expect(args).toContain('--user-data-dir=/p/one');
    expect(args).toContain('--proxy-server=http://127.0.0.1:8640');
    expect(args).toContain('--proxy-bypass-list=<-loopback>');
    expect(args).toContain('--ignore-certificate-errors-spki-list=a=,b=');
    expect(args).toContain('--remote-debugging-pipe');
    expect(args.at(-1)).toBe('http://x/');
    expect(args.filter((a) => a.startsWith('--disable-features='))).toHaveLength(1);
    expect(args.join(' ')).not.toMatch(
      /--no-sandbox|--headless|--ignore-certificate-errors( |$)|remote-debugging-port/,
    );
  });

  it('gives up the sandbox for root only, and takes an IPv6 proxy', () => {
    const args = chromiumArguments({ ...options, proxyHost: '::1', headless: true }, '/p', { asRoot: true });
    expect(args).toContain('--no-sandbox');
    expect(args).toContain('--headless=new');
    expect(args).toContain('--proxy-server=http://[::1]:8640');
  });

  it('writes what becomes of third-party cookies, and binds cookies to ports only when that is asked for', () => {
    expect(chromiumPreferences({})).toMatchObject({
      profile: { cookie_controls_mode: 0, block_third_party_cookies: false },
    });
    expect(chromiumPreferences({ thirdPartyCookies: 'blocked' })).toMatchObject({
      profile: { cookie_controls_mode: 1, block_third_party_cookies: true },
    });
    const args = (more: object) => chromiumArguments({ ...options, ...more }, '/p', { asRoot: false }).join(' ');
    expect(args({ boundCookies: true })).toContain('EnablePortBoundCookies,EnableSchemeBoundCookies');
    expect(args({})).not.toContain('BoundCookies');
  });

  it('writes the identity into the profile', () => {
    expect(chromiumPreferences({ identity: { name: 'Alice', color: '#0072b2' } })).toMatchObject({
      profile: { name: 'Sessionscope: Alice' },
      // 0xff0072b2 as a signed number
      browser: { theme: { user_color2: -16747854 } },
    });
    expect(JSON.stringify(chromiumPreferences({}))).not.toContain('user_color2');
  });
});

describe('the profile of Firefox', () => {
  it('captures localhost, never falls back to a direct connection, and cannot be broken out of', () => {
    const preferences = firefoxPreferences({ proxyPort: 8640, proxyHost: '127.0.0.1' });
    expect(preferences).toMatchObject({
      'network.proxy.type': 1,
      'network.proxy.ssl_port': 8640,
      'network.proxy.allow_hijacking_localhost': true,
      'network.proxy.failover_direct': false,
      'network.proxy.no_proxies_on': '',
    });
    expect(userJs({ 'a.b': 'x"); user_pref("evil", "1' })).toBe(
      'user_pref("a.b", "x\\"); user_pref(\\"evil\\", \\"1");\n',
    );
  });
});
