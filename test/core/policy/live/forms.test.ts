import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pageFields } from '../../../../core/policy/live/forms.ts';

it.each<[string, string, Record<string, string>]>([
  [
    'quotes of both kinds and none',
    `<input name="a" value='1'><input name='b' value="2"/><input name=c value=3>`,
    { a: '1', b: '2', c: '3' },
  ],
  ['any order, case and line', '<INPUT\n TYPE=hidden\n Value = "x"\n NAME = "csrf">', { csrf: 'x' }],
  ['entities', '<input name="t" value="a&amp;b&#x27;c&#34;&lt;&nosuch;">', { t: `a&b'c"<&nosuch;` }],
  ['meta elements', '<meta name="csrf-token" content="abc">', { 'csrf-token': 'abc' }],
  ['the first of a name', '<input name=a value=1><input name=a value=2>', { a: '1' }],
  ['an empty value, and none', '<input name=a value=""><input name=b>', { a: '' }],
  ['a bare attribute before', '<input hidden name=a disabled value=1>', { a: '1' }],
  ['other elements', '<inputs name=a value=1><textarea name=b value=2>', {}],
  ['a tag that does not end', '<input name=a value=1', { a: '1' }],
])('reads %s', (_, html, fields) => {
  expect(Object.fromEntries(pageFields(html).all)).toEqual(fields);
});

it('reads back what a page was made of', () => {
  const quoted = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string({ maxLength: 20 }), { maxKeys: 5 }),
      (fields) => {
        const page = Object.entries(fields).map(
          ([name, value]) => `<p><input type="hidden" name="${name}" value="${quoted(value)}"></p>`,
        );
        expect(Object.fromEntries(pageFields(page.join('\n')).all)).toEqual({ ...fields });
      },
    ),
  );
});

it('takes any page in the time of reading it', () => {
  const began = performance.now();
  for (const piece of [
    '<input ',
    '<input name=',
    '<input "',
    '<input = ',
    '<meta name="',
    '<input a',
    '&#',
    '<input/',
    ' ',
  ]) {
    pageFields(piece.repeat(300_000));
  }
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (page) => void pageFields(`<input ${page}`)));
  expect(performance.now() - began).toBeLessThan(10_000);
});
