import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  editSetCookie,
  removeCookie,
  replaceCookieValue,
  tokenizeCookie,
  tokenizeSetCookie,
  withCookie,
} from '../../../core/cookies/tokenizer.ts';

/** Bytes of a header: what HTTP lets through, often with the characters that matter here. */
const headerText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ';',
        '=',
        ' ',
        '\t',
        '"',
        ',',
        'a',
        'sid',
        'Path',
        'secure',
        'SameSite',
        '; ',
        '=1',
        '\xe9',
        '\xff',
      ),
      fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));
const name = fc.stringMatching(/^[A-Za-z!#$%&'*+.^_`|~-]{1,8}$/);
const value = fc.stringMatching(/^[A-Za-z0-9%"=,.{}-]{0,12}$/);
const spaces = fc.constantFrom('', ' ', '  ', '\t');

describe('[K1] the tokenizer keeps every byte', () => {
  it('pieces joined are the header again, for any text', () => {
    fc.assert(
      fc.property(headerText, (header) => {
        const cookies = tokenizeCookie(header);
        expect(cookies.map((token) => token.raw).join(';')).toBe(header);
        const { pair, attributes } = tokenizeSetCookie(header);
        expect([pair, ...attributes].map((token) => token.raw).join(';')).toBe(header);
        for (const token of [...cookies, pair, ...attributes]) {
          expect(header.slice(token.at.start, token.at.end)).toBe(token.raw);
          expect(header.slice(token.valueAt.start, token.valueAt.end)).toBe(token.value);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names and values without their spaces, duplicates and nameless cookies in order', () => {
    const tokens = tokenizeCookie(' a = 1 ;B="x y";;lone; a=2=3');
    expect(tokens.map(({ name, value, hasEquals }) => [name, value, hasEquals])).toEqual([
      ['a', '1', true],
      ['B', '"x y"', true],
      ['', '', false],
      ['', 'lone', false],
      ['a', '2=3', true],
    ]);
  });

  it('attributes of any case, flags, duplicates', () => {
    const { pair, attributes } = tokenizeSetCookie('sid=x; path=/a;Secure; PATH = /b ; Max-Age=');
    expect([pair.name, pair.value]).toEqual(['sid', 'x']);
    expect(attributes.map(({ name, value, hasEquals }) => [name, value, hasEquals])).toEqual([
      ['path', '/a', true],
      ['Secure', '', false],
      ['PATH', '/b', true],
      ['Max-Age', '', true],
    ]);
  });
});

describe('[K2] editing changes one thing and leaves every other byte', () => {
  const built = fc.array(fc.tuple(spaces, name, spaces, spaces, value, spaces), { minLength: 1, maxLength: 6 });
  const text = (parts: readonly (readonly string[])[]): string =>
    parts.map(([a, n, b, c, v, d]) => `${a}${n}${b}=${c}${v}${d}`).join(';');

  it('replaces the value of every cookie of the name and nothing else', () => {
    fc.assert(
      fc.property(built, fc.nat(), value, (parts, pick, fresh) => {
        const target = parts[pick % parts.length]?.[1] ?? '';
        const expected = parts.map(([a, n, b, c, v, d]) => [a, n, b, c, n === target ? fresh : v, d]);
        // The spaces around an empty value are on both sides of it alike, so where it stands is a matter of taste.
        fc.pre(!parts.some(([, n, , , v]) => n === target && v === ''));
        expect(replaceCookieValue(text(parts), target, fresh)).toBe(text(expected));
      }),
      { numRuns: 1000 },
    );
  });

  it('removing leaves the other cookies in order, byte for byte but for the outer spaces of the first', () => {
    fc.assert(
      fc.property(built, fc.nat(), (parts, pick) => {
        const target = parts[pick % parts.length]?.[1] ?? '';
        const left = text(parts.filter(([, n]) => n !== target));
        const result = removeCookie(text(parts), target);
        expect(result.replace(/^[ \t]+/, '')).toBe(left.replace(/^[ \t]+/, ''));
        expect(tokenizeCookie(result).some((token) => token.name === target)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('sets and removes attributes of a Set-Cookie whatever else stands there', () => {
    fc.assert(
      fc.property(headerText, name, value, (header, attribute, fresh) => {
        const edited = editSetCookie(header, { attributes: { set: { [attribute]: fresh } } });
        const last = tokenizeSetCookie(edited).attributes.filter(
          (t) => t.name.toLowerCase() === attribute.toLowerCase(),
        );
        expect(last.at(-1)?.value).toBe(fresh);
        const flag = editSetCookie(edited, { attributes: { set: { [attribute.toUpperCase()]: true } } });
        const again = tokenizeSetCookie(flag).attributes.filter(
          (t) => t.name.toLowerCase() === attribute.toLowerCase(),
        );
        expect(again.at(-1)?.hasEquals).toBe(false);
        const gone = editSetCookie(flag, { attributes: { remove: [attribute] } });
        const names = tokenizeSetCookie(gone).attributes.map((t) => t.name.toLowerCase());
        expect(names).not.toContain(attribute.toLowerCase());
        expect(tokenizeSetCookie(gone).pair.raw).toBe(tokenizeSetCookie(header).pair.raw);
      }),
      { numRuns: 1000 },
    );
  });

  it('fuzz: no header text makes an edit throw or touch another piece', () => {
    fc.assert(
      fc.property(headerText, (header) => {
        const before = tokenizeCookie(header);
        for (const { name } of before) {
          const after = tokenizeCookie(replaceCookieValue(header, name, 'NEW'));
          before.forEach((token, at) => {
            if (token.name !== name) expect(after[at]?.raw).toBe(token.raw);
          });
          removeCookie(header, name);
        }
        const edited = editSetCookie(header, { value: 'NEW' });
        expect(tokenizeSetCookie(edited).attributes.map((t) => t.raw)).toEqual(
          tokenizeSetCookie(header).attributes.map((t) => t.raw),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['webpy_session_id=aa; theme="x;y"', 'webpy_session_id', 'bb', 'webpy_session_id=bb; theme="x;y"'],
    ['a=1;  SID = old ;b=2', 'SID', 'new', 'a=1;  SID = new ;b=2'],
    ['a=1', 'b', '2', 'a=1'],
  ])('%s, %s=%s', (header, cookie, fresh, expected) => {
    expect(replaceCookieValue(header, cookie, fresh)).toBe(expected);
  });

  it('names one of several cookies of a name', () => {
    expect(replaceCookieValue('a=1; a=2; a=3', 'a', 'x', 'first')).toBe('a=x; a=2; a=3');
    expect(replaceCookieValue('a=1; a=2; a=3', 'a', 'x', 'last')).toBe('a=1; a=2; a=x');
    expect(removeCookie('a=1; a=2; a=3', 'a', 'first')).toBe('a=2; a=3');
    expect(removeCookie('a=1', 'a')).toBe('');
  });

  it('adds a cookie where there is none', () => {
    expect(withCookie(undefined, 'a', '1')).toBe('a=1');
    expect(withCookie('b=2', 'a', '1')).toBe('b=2; a=1');
    expect(withCookie('a=0; b=2', 'a', '1')).toBe('a=1; b=2');
  });

  it('changes attributes in place, in the letter case found', () => {
    const header = 'sid=x; HttpOnly; path=/; SAMESITE=Lax';
    expect(editSetCookie(header, { value: 'y', attributes: { set: { SameSite: 'Strict', Secure: true } } })).toBe(
      'sid=y; HttpOnly; path=/; SAMESITE=Strict; Secure',
    );
    expect(editSetCookie(header, { attributes: { remove: ['httponly', 'Path'] } })).toBe('sid=x; SAMESITE=Lax');
  });

  it.each(['a;b', 'a\r\nSet-Cookie: x=1', 'a\0', '\u4f60'])('refuses the value %j', (bad) => {
    expect(() => replaceCookieValue('a=1', 'a', bad)).toThrow(/cannot stand in a cookie header/);
    expect(() => editSetCookie('a=1', { value: bad })).toThrow(/cannot stand in a cookie header/);
  });
});
