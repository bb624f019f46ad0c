import { expect, test } from 'vitest';
import type { BodyView } from '../../../core/model/app.ts';
import { bytesOfBody, formFields, formsOf, prettyJson } from '../../../renderer/src/state/body-forms.ts';

const body = (change: Partial<BodyView>): BodyView => ({
  size: 10,
  kept: 10,
  contentType: null,
  contentEncoding: null,
  truncated: false,
  ...change,
});

test('a body is offered in the forms that it really has', () => {
  expect(formsOf(body({ contentType: 'application/json', text: '{"a":1}' }))).toEqual(['json', 'source', 'hex']);
  // JSON that is sent as text is JSON; what calls itself JSON and is none is text.
  expect(formsOf(body({ contentType: 'text/plain', text: ' [1]' }))[0]).toBe('json');
  expect(formsOf(body({ contentType: 'application/json', text: '{"a":' }))).toEqual(['source', 'hex']);
  expect(formsOf(body({ contentType: 'text/html; charset=utf-8', text: '<p>a' }))[0]).toBe('readable');
  expect(formsOf(body({ contentType: 'application/x-www-form-urlencoded', text: 'a=1' }))[0]).toBe('form');
  expect(formsOf(body({ contentType: 'image/png', base64: 'iVBORw==' }))).toEqual(['image', 'hex']);
  expect(formsOf(body({ contentType: 'image/png', base64: 'iVBORw==', truncated: true }))).toEqual(['hex']);
  expect(formsOf(body({ contentType: 'application/octet-stream', base64: 'AAE=' }))).toEqual(['hex']);
});

test('JSON is indented, and its tokens stay as they were sent', () => {
  expect(prettyJson('{"id":12345678901234567890,"n":1.50,"s":"a\\u0041, {}","e":[],"l":[1,{"x":null}]}')).toBe(
    [
      '{',
      '  "id": 12345678901234567890,',
      '  "n": 1.50,',
      '  "s": "a\\u0041, {}",',
      '  "e": [],',
      '  "l": [',
      '    1,',
      '    {',
      '      "x": null',
      '    }',
      '  ]',
      '}',
    ].join('\n'),
  );
  expect(prettyJson('hello')).toBeNull();
});

test('fields of a form keep order and duplicates; what cannot be decoded stays as sent', () => {
  expect(formFields('a=1&a=two+words&b=%E4%BD%A0&c=%zz&d')).toEqual([
    { name: 'a', value: '1' },
    { name: 'a', value: 'two words' },
    { name: 'b', value: '你' },
    { name: 'c', value: '%zz' },
    { name: 'd', value: '' },
  ]);
});

test('the bytes of a body', () => {
  expect([...bytesOfBody(body({ base64: 'AP8=' }))]).toEqual([0, 255]);
  expect([...bytesOfBody(body({ text: 'é' }))]).toEqual([0xc3, 0xa9]);
});
