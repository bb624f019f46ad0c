import { describe, expect, it } from 'vitest';
import type { Framing } from '../../../../core/proxy/http1/facts.ts';
import {
  announced,
  deservesAnotherTry,
  destinationAfterHooks,
  isEmpty,
  mayUseKept,
  ownParts,
  WAITING,
} from '../../../../core/proxy/relay/decisions.ts';

const none: Framing = { kind: 'none' };
const chunked: Framing = { kind: 'chunked' };
const length = (bytes: number): Framing => ({ kind: 'length', length: bytes });

describe('what is announced of a body', () => {
  it.each([
    ['nothing replaced', chunked, undefined, chunked],
    ['a chunked body replaced', chunked, 'abc', length(3)],
    ['a body replaced by nothing', length(9), '', length(0)],
    ['nothing put in the place of nothing', none, '', none],
    ['something put in the place of nothing', none, 'abc', length(3)],
  ])('%s', (_name, received, replacement, expected) => {
    expect(announced(received, replacement === undefined ? undefined : Buffer.from(replacement))).toEqual(expected);
  });

  it('is empty without bytes, and not while nobody knows', () => {
    expect([none, length(0), length(1), chunked, { kind: 'close' } as const].map(isEmpty)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a second try', () => {
  it('is for a kept connection that gave nothing, once', () => {
    expect(deservesAnotherTry(true, true, 1)).toBe(true);
    expect(deservesAnotherTry(true, true, 2)).toBe(false);
    expect(deservesAnotherTry(true, false, 1)).toBe(false);
    expect(deservesAnotherTry(false, true, 1)).toBe(false);
  });

  it('is for a refused stream as often as five times, on whatever connection', () => {
    for (const tries of [1, 2, 3, 4, 5]) expect(deservesAnotherTry(true, false, tries, true)).toBe(true);
    expect(deservesAnotherTry(true, true, 6, true)).toBe(false);
    expect(deservesAnotherTry(false, true, 1, true)).toBe(false);
  });

  it('must be possible before a kept connection is used', () => {
    expect([none, length(WAITING), length(WAITING + 1), chunked].map(mayUseKept)).toEqual([true, true, false, false]);
  });
});

describe('where a request goes after the hooks', () => {
  const original = {
    secure: true,
    host: 'a.test',
    port: 8443,
    path: '/x',
    url: 'https://a.test:8443/x',
    servername: 's',
  };

  it('is where it was going, with the name for TLS, when its URL is the same', () => {
    expect(destinationAfterHooks(original, original.url)).toBe(original);
  });

  it('is the new URL, or nowhere', () => {
    expect(destinationAfterHooks(original, 'http://b.test/y?z')).toEqual({
      secure: false,
      host: 'b.test',
      port: 80,
      path: '/y?z',
    });
    expect(destinationAfterHooks(original, 'b.test/y')).toBeUndefined();
  });
});

describe('an answer of our own', () => {
  const get = { method: 'GET', httpVersion: '1.1' };

  it('has its head, its length and its bytes', () => {
    const parts = ownParts({ status: 200, reason: 'Fine', rawHeaders: ['A', '1'], body: 'hällo' }, get);
    expect(parts.head).toEqual({ status: 200, reason: 'Fine', httpVersion: '1.1', rawHeaders: ['A', '1'] });
    expect(parts.framing).toEqual(length(6));
    expect(parts.body.toString()).toBe('hällo');
  });

  it.each([
    ['to HEAD', { status: 200, body: 'x' }, { ...get, method: 'HEAD' }],
    ['204', { status: 204, body: 'x' }, get],
    ['304', { status: 304, body: 'x' }, get],
  ])('has no body %s', (_name, own, request) => {
    expect(ownParts(own, request).framing).toEqual(none);
  });
});
