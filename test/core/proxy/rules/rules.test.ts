import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../../core/proxy/exchange.ts';
import { changeHeaders } from '../../../../core/proxy/rules/change-headers.ts';
import type { NewRule } from '../../../../core/proxy/rules/rule.ts';
import { inScope, partsOf } from '../../../../core/proxy/rules/rule-scope.ts';
import { createRules } from '../../../../core/proxy/rules/rules.ts';

/** The parts of an exchange that rules read and write. */
function exchange(url: string, request: string[], response: string[] = [], version = '1.1'): Exchange {
  return {
    id: 'f1',
    request: { method: 'GET', url, httpVersion: version, rawHeaders: request },
    response: { status: 200, reason: 'OK', httpVersion: version, rawHeaders: response },
    editedBy: [],
  } as unknown as Exchange;
}

/** Runs both hooks as the engine does. */
function pass(rules: ReturnType<typeof createRules>, ex: Exchange): Exchange {
  void rules.hooks.request?.(ex);
  void rules.hooks.response?.(ex);
  return ex;
}

const space = fc.constantFrom('', ' ', '  ', '\t');
const latin1 = fc.string({
  unit: fc.integer({ min: 0x21, max: 0xff }).map((c) => (c === 0x3b || c === 0x7f ? 'x' : String.fromCharCode(c))),
  // An empty value among blanks has no place of its own; the tokenizer's tests cover it.
  minLength: 1,
  maxLength: 12,
});
const otherName = fc
  .string({ unit: fc.constantFrom(...'abcdefXYZ_-.!'), minLength: 1, maxLength: 6 })
  .filter((n) => n !== 'sid');
/** One piece of a Cookie header and whether it is the cookie that the rule means. */
const piece = fc.oneof(
  fc.record({ before: space, name: otherName, value: latin1, after: space, hit: fc.constant(false) }),
  fc.record({ before: space, name: fc.constant('sid'), value: latin1, after: space, hit: fc.constant(true) }),
);
const noise = fc.tuple(
  fc.constantFrom('X-A', 'x-a', 'Accept', 'SET-COOKIE2', 'Cookie2', 'Host'),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)), maxLength: 20 }),
);

const headerOf = (pieces: { before: string; name: string; value: string; after: string }[], value?: string): string =>
  pieces
    .map((p) => `${p.before}${p.name}=${p.name === 'sid' && value !== undefined ? value : p.value}${p.after}`)
    .join(';');

describe('a rule on one cookie of requests', () => {
  it('changes that value and no other byte, for 10,000 generated heads', () => {
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.array(piece, { minLength: 1, maxLength: 6 }), noise), { maxLength: 8 }),
        fc.constantFrom('Cookie', 'cookie', 'COOKIE'),
        (fields, cookieName) => {
          const before: string[] = [];
          const expected: string[] = [];
          for (const field of fields) {
            if (field.length === 2 && typeof field[0] === 'string') {
              before.push(...(field as [string, string]));
              expected.push(...(field as [string, string]));
            } else {
              const pieces = field as { before: string; name: string; value: string; after: string; hit: boolean }[];
              if (pieces.some((p) => p.hit)) hits += 1;
              before.push(cookieName, headerOf(pieces));
              expected.push(cookieName, headerOf(pieces, 'NEW'));
            }
          }
          const after =
            changeHeaders(before, 'request', { kind: 'cookie', cookie: 'sid', value: 'NEW' }, '1.1') ?? before;
          expect(after).toEqual(expected);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(hits).toBeGreaterThan(2_000);
  });

  it('adds, removes and asks for the present value', () => {
    const apply = (
      headers: string[],
      change: Partial<Extract<NewRule['change'], { kind: 'cookie' }>>,
      version = '1.1',
    ) => changeHeaders(headers, 'request', { kind: 'cookie', cookie: 'sid', ...change }, version);
    expect(apply(['Host', 'a'], { value: 'x' })).toBeUndefined();
    expect(apply(['Host', 'a'], { value: 'x', add: true })).toEqual(['Host', 'a', 'Cookie', 'sid=x']);
    expect(apply(['host', 'a'], { value: 'x', add: true }, '2.0')).toEqual(['host', 'a', 'cookie', 'sid=x']);
    expect(apply(['Cookie', 'a=1', 'Cookie', 'b=2'], { value: 'x', add: true })).toEqual([
      'Cookie',
      'a=1',
      'Cookie',
      'b=2; sid=x',
    ]);
    expect(apply(['Cookie', 'a=1; sid=old; b=2'], { remove: true })).toEqual(['Cookie', 'a=1; b=2']);
    expect(apply(['Cookie', 'sid=old', 'X', 'y'], { remove: true })).toEqual(['X', 'y']);
    expect(apply(['Cookie', 'sid=old'], { value: 'x', from: 'other' })).toBeUndefined();
    expect(apply(['Cookie', 'sid=old'], { value: 'x', from: 'old' })).toEqual(['Cookie', 'sid=x']);
    // HTTP/2 sends each cookie as a field of its own; they stay apart.
    expect(apply(['cookie', 'a=1', 'cookie', 'sid=old', 'cookie', 'b=2'], { value: 'x' }, '2.0')).toEqual([
      'cookie',
      'a=1',
      'cookie',
      'sid=x',
      'cookie',
      'b=2',
    ]);
  });
});

describe('a rule on one cookie of responses', () => {
  const attribute = fc.tuple(
    fc.constantFrom('; ', ';', ' ;  '),
    fc.constantFrom(
      'Path=/',
      'path=/a',
      'HttpOnly',
      'Secure',
      'Max-Age=10',
      'Expires=Thu, 01 Jan 2026 00:00:00 GMT',
      'X=é',
    ),
  );
  const setCookie = fc.tuple(
    fc.constantFrom('sid', 'other', 'SID', 'sid2'),
    latin1,
    fc.array(attribute, { maxLength: 4 }),
  );

  it('changes the value and no other byte, other Set-Cookie fields and their order included', () => {
    let hits = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(setCookie, noise), { maxLength: 8 }), (fields) => {
        const before: string[] = [];
        const expected: string[] = [];
        for (const field of fields) {
          if (field.length === 2) {
            before.push(...field);
            expected.push(...field);
            continue;
          }
          const [name, value, attributes] = field;
          const tail = attributes.map(([a, b]) => a + b).join('');
          if (name === 'sid') hits += 1;
          before.push('Set-Cookie', `${name}=${value}${tail}`);
          expected.push('Set-Cookie', `${name}=${name === 'sid' ? 'NEW' : value}${tail}`);
        }
        const change = { kind: 'cookie', cookie: 'sid', value: 'NEW' } as const;
        expect(changeHeaders(before, 'response', change, '1.1') ?? before).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
    expect(hits).toBeGreaterThan(1_000);
  });

  it('sets, changes and removes any attribute in place', () => {
    const change = {
      kind: 'cookie',
      cookie: 'sid',
      attributes: { set: { 'Max-Age': '60', SameSite: 'Strict', Partitioned: true }, remove: ['HttpOnly', 'domain'] },
    } as const;
    expect(
      changeHeaders(
        ['Set-Cookie', 'sid=1; Domain=a.test;max-age=5;  httponly; X=1', 'set-cookie', 'b=1; HttpOnly'],
        'response',
        change,
        '1.1',
      ),
    ).toEqual(['Set-Cookie', 'sid=1;max-age=60; X=1; SameSite=Strict; Partitioned', 'set-cookie', 'b=1; HttpOnly']);
  });

  it('sets, changes and removes attributes of every kind and no other byte, for 10,000 generated fields', () => {
    const names = [
      'Domain',
      'Path',
      'Expires',
      'Max-Age',
      'Secure',
      'HttpOnly',
      'SameSite',
      'Partitioned',
      'Priority',
      'X-Own',
    ];
    const cased = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
    const value = fc.option(
      fc.constantFrom('', 'a', '/shop', '60', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Lax', '"quoted"', 'é'),
      {
        nil: true as const,
      },
    );
    const written = ([name, text]: readonly [string, string | true]) => (text === true ? name : `${name}=${text}`);
    let changed = 0;
    fc.assert(
      fc.property(
        fc
          .shuffledSubarray(names)
          .chain((some) =>
            fc.tuple(...some.map((name) => fc.tuple(fc.constantFrom(';', '; ', ';  ', ';\t'), cased(name), value))),
          ),
        fc.shuffledSubarray(names).chain((some) => fc.tuple(...some.map((name) => fc.tuple(fc.constant(name), value)))),
        fc.nat({ max: 9 }),
        (present, edits, cut) => {
          const set = edits.slice(0, cut);
          const remove = edits.slice(cut).map(([name]) => name.toLowerCase());
          const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
          const expected = present
            .filter(([, name]) => !remove.includes(name.toLowerCase()))
            .map(([before, name, old]) => {
              const to = set.find(([wanted]) => same(wanted, name));
              return before + written([name, to === undefined ? old : to[1]]);
            });
          const added = set.filter(([name]) => !present.some(([, there]) => same(name, there)));
          const attributes = { set: Object.fromEntries(set), remove };
          const before = `sid=1${present.map(([gap, ...one]) => gap + written(one)).join('')}`;
          const after = `sid=1${expected.join('')}${added.map((one) => `; ${written(one)}`).join('')}`;
          const list = ['Set-Cookie', before, 'Set-Cookie', 'other=1; Path=/; Secure'];
          const edited = changeHeaders(list, 'response', { kind: 'cookie', cookie: 'sid', attributes }, '1.1') ?? list;
          if (edited !== list) changed += 1;
          expect(edited).toEqual(['Set-Cookie', after, 'Set-Cookie', 'other=1; Path=/; Secure']);
        },
      ),
      { numRuns: 10_000 },
    );
    expect(changed).toBeGreaterThan(8_000);
  });

  it('drops a whole Set-Cookie, and adds one where there is none', () => {
    const drop = { kind: 'cookie', cookie: 'sid', remove: true } as const;
    expect(changeHeaders(['A', 'b', 'Set-Cookie', 'sid=1', 'Set-Cookie', 'c=2'], 'response', drop, '1.1')).toEqual([
      'A',
      'b',
      'Set-Cookie',
      'c=2',
    ]);
    const add = {
      kind: 'cookie',
      cookie: 'sid',
      value: 'x',
      add: true,
      attributes: { set: { Path: '/', HttpOnly: true } },
    } as const;
    expect(changeHeaders(['A', 'b'], 'response', add, '1.1')).toEqual([
      'A',
      'b',
      'Set-Cookie',
      'sid=x; Path=/; HttpOnly',
    ]);
  });
});

describe('createRules', () => {
  it('applies rules in order within their host and path, and says so', () => {
    const rules = createRules();
    const seen: string[] = [];
    rules.onApplied((a) => seen.push(`${a.ruleId} ${a.side} ${a.flowId}`));
    const one = rules.add({
      on: 'request',
      scope: { host: '*.shop.test', path: '/cart' },
      change: { kind: 'cookie', cookie: 'sid', value: 'B' },
    });
    const two = rules.add({
      on: 'response',
      change: { kind: 'header', header: 'X-Test', value: 'on', add: true },
      label: 'mark',
    });
    const ex = pass(rules, exchange('http://a.shop.test:8080/cart/3?x', ['Cookie', 'sid=A'], ['Server', 's']));
    expect(ex.request.rawHeaders).toEqual(['Cookie', 'sid=B']);
    expect(ex.response?.rawHeaders).toEqual(['Server', 's', 'X-Test', 'on']);
    expect(ex.editedBy).toEqual(['sid = B in requests', 'mark']);
    expect(seen).toEqual([`${one.id} request f1`, `${two.id} response f1`]);
    const elsewhere = pass(rules, exchange('http://shop.example/cart', ['Cookie', 'sid=A']));
    expect(elsewhere.request.rawHeaders).toEqual(['Cookie', 'sid=A']);
    expect(rules.list().map((r) => r.applied)).toEqual([1, 2]);
  });

  it('can be paused, removed, and limited in number', () => {
    const rules = createRules();
    const rule = rules.add({ on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'B' }, times: 2 });
    const value = () => pass(rules, exchange('http://x/', ['Cookie', 'sid=A'])).request.rawHeaders[1];
    expect(rules.pause(rule.id).paused).toBe(true);
    expect(value()).toBe('sid=A');
    rules.pause(rule.id, false);
    expect([value(), value(), value()]).toEqual(['sid=B', 'sid=B', 'sid=A']);
    expect(rules.list()).toEqual([]);
    const other = rules.add({ on: 'request', change: { kind: 'header', header: 'cookie', remove: true } });
    expect(pass(rules, exchange('http://x/', ['Cookie', 'a', 'B', 'c', 'COOKIE', 'd'])).request.rawHeaders).toEqual([
      'B',
      'c',
    ]);
    expect([rules.remove(other.id), rules.remove(other.id)]).toEqual([true, false]);
    expect(() => rules.pause('gone')).toThrow(/no rule/);
  });

  it('refuses what would break out of a header', () => {
    const rules = createRules();
    const bad: NewRule[] = [
      { on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'a; admin=1' } },
      { on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'a\r\nX: y' } },
      { on: 'request', change: { kind: 'cookie', cookie: 's;id', value: 'a' } },
      { on: 'response', change: { kind: 'cookie', cookie: 'sid', attributes: { set: { Path: '/\r\nX: y' } } } },
      { on: 'response', change: { kind: 'cookie', cookie: 'sid', attributes: { set: { 'Pa;th': '/' } } } },
      { on: 'request', change: { kind: 'cookie', cookie: 'sid', attributes: { set: { Path: '/' } } } },
      { on: 'request', change: { kind: 'header', header: 'X', value: 'a\nb', add: true } },
      { on: 'request', change: { kind: 'header', header: 'X: y', value: 'a' } },
      { on: 'request', change: { kind: 'header', header: 'X', value: '名' } },
      { on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'a' }, times: 0 },
    ];
    for (const rule of bad) expect(() => rules.add(rule), JSON.stringify(rule)).toThrow();
    expect(rules.list()).toEqual([]);
  });
});

describe('the scope of a rule', () => {
  it.each([
    ['http://shop.test/', { host: 'shop.test' }, true],
    ['http://SHOP.test:81/', { host: 'Shop.Test' }, true],
    ['http://shop.test:81/', { host: 'shop.test:80' }, false],
    ['https://shop.test/', { host: 'shop.test:443' }, true],
    ['http://ashop.test/', { host: '*.shop.test' }, false],
    ['http://shop.test/', { host: '*.shop.test' }, true],
    ['http://[::1]:8080/x', { host: '[::1]' }, true],
    ['http://[::1]:8080/x', { host: '[::1]:8080' }, true],
    ['http://x', { path: '/' }, true],
    ['http://x?q', { path: '/' }, true],
    ['http://x/shopping', { path: '/shop' }, false],
    ['http://x/shop?y', { path: '/shop' }, true],
    ['http://x/shop/y', { path: '/shop/' }, true],
    ['http://x/y', {}, true],
  ])('%s in %j: %s', (url, scope, expected) => {
    expect(inScope(scope, url)).toBe(expected);
  });

  it('cuts the parts of any URL without failing', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl(), (junk, url) => {
        expect(partsOf(url).host).toBe(new URL(url).hostname);
        expect(typeof partsOf(`http://${junk}`).path).toBe('string');
      }),
    );
  });
});
