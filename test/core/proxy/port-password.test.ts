import { describe, expect, it } from 'vitest';
import { PortPassword, withoutPassword } from '../../../core/proxy/port-password.ts';

const basic = (text: string) => ['Host', 'x', 'proxy-AUTHORIZATION', `Basic ${Buffer.from(text).toString('base64')}`];
const RIGHT = basic('guest:long enough');
const WRONG = basic('guest:long enougi');

function port() {
  const clock = { now: 0 };
  const password = new PortPassword({ user: 'guest', password: 'long enough' }, () => clock.now);
  const guess = (times: number, from = '192.168.1.9') => {
    for (let i = 0; i < times; i += 1) password.check(from, WRONG);
  };
  return { clock, password, guess };
}

describe('the password of a port', () => {
  it('is compared whole', () => {
    const { password } = port();
    expect(password.check('a', RIGHT)).toBe('right');
    expect(password.check('a', ['Host', 'x', 'Authorization', RIGHT[3] as string])).toBe('none');
    for (const other of ['guest:long enoug', 'guest:long enough ', 'Guest:long enough', '']) {
      expect(password.check(other, basic(other))).toBe('wrong');
    }
  });

  it('is not looked for among many in one request', () => {
    const { password } = port();
    expect(password.check('a', [...WRONG, ...RIGHT])).toBe('wrong');
  });

  it('can be mistyped, then wrong ones cost a wait that doubles up to a minute', () => {
    const { clock, password, guess } = port();
    guess(5);
    expect(password.check('192.168.1.9', RIGHT)).toBe('right');
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      guess(1);
      const from = clock.now;
      while (password.check('192.168.1.9', RIGHT) === 'wait') clock.now += 500;
      waits.push(clock.now - from);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('does not make others wait, nor those who show none; and does so no longer after a quarter of an hour', () => {
    const { clock, password, guess } = port();
    guess(7);
    expect(password.check('192.168.1.9', RIGHT)).toBe('wait');
    expect(password.check('192.168.1.9', ['Host', 'x'])).toBe('none');
    expect(password.check('192.168.1.10', RIGHT)).toBe('right');
    clock.now += 15 * 60_000;
    guess(5);
    expect(password.check('192.168.1.9', RIGHT)).toBe('right');
  });

  it('waits for one computer, whatever addresses of IPv6 it takes, and for a clock that was set back not at all', () => {
    const { clock, password, guess } = port();
    for (let i = 1; i < 8; i += 1) guess(1, `2001:db8:0:7::${i}`);
    expect(password.check('2001:db8:0:7:aaaa:bbbb:cccc:dddd', RIGHT)).toBe('wait');
    expect(password.check('2001:db8:0:8::1', RIGHT)).toBe('right');
    clock.now -= 3_600_000;
    expect(password.check('2001:db8:0:7::1', RIGHT)).toBe('right');
    for (let i = 1; i < 8; i += 1) guess(1, `::ffff:10.0.0.${i}`);
    expect(password.check('::ffff:10.0.0.1', RIGHT)).toBe('right');
  });

  it('forgets those who guessed long ago when very many guess', () => {
    const { password, guess } = port();
    guess(7, 'first');
    for (let i = 0; i < 1000; i += 1) guess(1, `10.0.${i >> 8}.${i & 255}`);
    expect(password.check('first', RIGHT)).toBe('right');
  });

  it('is taken out of what others see', () => {
    expect(withoutPassword(['A', '1', ...RIGHT, 'B', '2'])).toEqual(['A', '1', 'Host', 'x', 'B', '2']);
  });
});
