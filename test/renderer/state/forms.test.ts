import { describe, expect, it } from 'vitest';
import { cookieOf, session } from '../../../renderer/src/fake/fake-data.ts';
import { parseSpan, shortId, span } from '../../../renderer/src/format.ts';
import type { Translate } from '../../../renderer/src/i18n/index.ts';
import { cookieChange, cookieForm } from '../../../renderer/src/state/cookie-form.ts';
import { hexLine, litLine } from '../../../renderer/src/state/hex.ts';
import {
  afterSteps,
  bandPosition,
  bandScale,
  defaultPolicyForm,
  nearestStep,
  question,
} from '../../../renderer/src/state/policy-form.ts';

const t: Translate = (key, values) => `${values?.['n'] ?? values?.['span']} ${key.replace('time.', '')}`;

describe('the cookie form', () => {
  const summary = session(1, 1_000_000);
  const before = cookieForm(cookieOf(summary, 1_000_000), summary.id);

  it('changes nothing when nothing differs', () => {
    expect(cookieChange(before, before)).toBeNull();
    expect(cookieChange(before, { ...before, domain: '  ' })).toBeNull();
  });

  it('names only what differs', () => {
    expect(
      cookieChange(before, { ...before, value: 'x', secure: true, httpOnly: false, sameSite: '', maxAge: '60' }),
    ).toEqual({ value: 'x', set: { 'Max-Age': '60', Secure: null }, remove: ['SameSite', 'HttpOnly'] });
  });

  it('starts from the id when no Set-Cookie was seen', () => {
    expect(cookieForm(null, 'abc')).toMatchObject({ value: 'abc', path: '', secure: false });
  });
});

describe('the lab’s question', () => {
  it('reads spans in the units people write', () => {
    expect(['90', '90 s', '1.5 min', '25h', ' 3 d ', '2 小时', '-1'].map(parseSpan)).toEqual([
      90, 90, 90, 90_000, 259_200, 7_200, -1,
    ]);
    expect(['', 'x', '5 weeks', '1e3'].map(parseSpan)).toEqual([null, null, null, null]);
  });

  it('asks with the parameters in view, or names the field that is wrong', () => {
    expect(question(defaultPolicyForm)).toEqual({
      parameters: { timeout: 86_400, ignore_expiry: true, ignore_change_ip: true },
      profile: '0.62',
      afterSeconds: 90_000,
      fromAddress: '127.0.0.1',
      cleanup: 'at-request',
    });
    expect(question({ ...defaultPolicyForm, after: '-5' })).toEqual({ bad: 'after' });
    expect(question({ ...defaultPolicyForm, timeout: '' })).toEqual({ bad: 'timeout' });
    expect(question({ ...defaultPolicyForm, address: 'my host' })).toEqual({ bad: 'address' });
  });

  it('has steps that rise and finds the nearest', () => {
    for (let i = 1; i < afterSteps.length; i++) expect(afterSteps[i]).toBeGreaterThan(afterSteps[i - 1] ?? 0);
    for (const [i, step] of afterSteps.entries()) expect(nearestStep(step)).toBe(i);
  });

  it('asks with more parameters only where they differ from the defaults', () => {
    const form = { ...defaultPolicyForm, timeout: ' 86400, ', proxy: '10.0.0.1', secure: true, cookiePath: '/app' };
    const asked = question({ ...form, initializerKind: 'dict', initializer: '{"count": 0}' });
    expect(asked).toMatchObject({
      parameters: { timeout: '86400,', cookie_path: '/app', secure: true },
      proxyAddress: '10.0.0.1',
      initializer: { kind: 'dict', values: { count: 0 } },
    });
    expect(question(defaultPolicyForm)).not.toHaveProperty('proxyAddress');
    expect(question(defaultPolicyForm)).toMatchObject({
      parameters: { timeout: 86_400, ignore_expiry: true, ignore_change_ip: true },
    });
    expect(question({ ...form, proxy: 'my proxy' })).toEqual({ bad: 'proxy' });
    for (const initializer of ['[1]', '{', 'null']) {
      expect(question({ ...form, initializerKind: 'function', initializer })).toEqual({ bad: 'initializer' });
    }
  });

  it('places times on the band in order, inside of it', () => {
    const scale = bandScale([86_400, 172_800]);
    const places = [0, 1, 3_600, 86_400, 172_800, scale.end, scale.end * 2].map((s) => bandPosition(s, scale));
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBe(1);
    for (let i = 1; i < places.length; i++) expect(places[i]).toBeGreaterThanOrEqual(places[i - 1] ?? 0);
    expect(bandScale([null, null]).end).toBeGreaterThan(0);
  });
});

describe('small texts', () => {
  it('says a span with the largest unit that keeps its meaning', () => {
    const say = (ms: number) => span(ms, t);
    expect(
      [0, 500, 59_000, 60_000, 90_000, 3_600_000, 5_400_000, 86_400_000, 90_000_000, 864_000_000].map(say),
    ).toEqual(['0 s', '500 ms', '59 s', '1 min', '90 s', '1 h', '90 min', '24 h', '25 h', '10 d']);
  });

  it('shortens long ids only', () => {
    expect(shortId('3f2a7c1bd04e5f60718293a4b5c6d7e8f9012d9c')).toBe('3f2a…9c');
    expect(shortId('abc')).toBe('abc');
  });

  it('draws bytes, with those of a value lit across lines', () => {
    const bytes = new TextEncoder().encode('aGVsbG8=\n');
    const line = hexLine(bytes, 0);
    expect(line).toEqual({ offset: '00000000', hex: '61 47 56 73 62 47 38 3d  0a ', text: 'aGVsbG8=·' });
    expect(litLine(line, 0, { start: 2, end: 4 })).toEqual({
      hex: ['61 47 ', '56 73', ' 62 47 38 3d  0a '],
      text: ['aG', 'Vs', 'bG8=·'],
    });
    expect(litLine(line, 0, { start: 7, end: 9 })).toEqual({
      hex: ['61 47 56 73 62 47 38 ', '3d  0a', ' '],
      text: ['aGVsbG8', '=·', ''],
    });
    const second = hexLine(new Uint8Array(40), 1);
    expect(litLine(second, 1, { start: 10, end: 18 }).text).toEqual(['', '··', '·'.repeat(14)]);
    expect(litLine(second, 1, { start: 10, end: 60 }).text).toEqual(['', '·'.repeat(16), '']);
    for (const span of [null, { start: 0, end: 16 }, { start: 32, end: 40 }, { start: 20, end: 20 }]) {
      expect(litLine(second, 1, span).text).toEqual(['·'.repeat(16), '', '']);
    }
  });
});
