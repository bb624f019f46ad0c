import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { decode } from '../../../core/frameworks/codec.ts';

/* Stamps that no calendar has, in values that anybody can send: shown as numbers, and nothing ends. */

const FAR = '9'.repeat(20);
const sized = (text: string) => `${text.length}:${text}`;
const tornado = (() => {
  const signed = `2|${sized('0')}|${sized(FAR)}|${sized('session')}|${sized('ImFsaWNlIg==')}|`.replace(
    '2|1:0',
    '2|1:0',
  );
  return signed + createHmac('sha256', 'k').update(signed).digest('hex');
})();
const fernet = (() => {
  const token = Buffer.alloc(1 + 8 + 16 + 16);
  token[0] = 0x80;
  token.writeBigUInt64BE(2n ** 62n, 1);
  return Buffer.concat([token, Buffer.alloc(32)])
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
})();

it.each([
  ['Tornado', tornado, 'tornado'],
  ['Fernet', fernet, 'fernet'],
  ['itsdangerous', `eyJhIjoxfQ.${Buffer.alloc(5, 0xff).toString('base64url')}.${'A'.repeat(27)}`, 'itsdangerous'],
  ['Django', `eyJhIjoxfQ:zzzzzzz:${'A'.repeat(43)}`, 'django'],
  [
    'Iron',
    `Fe26.2**${'a'.repeat(64)}*${'A'.repeat(22)}*${'A'.repeat(43)}*${FAR}*${'b'.repeat(64)}*${'A'.repeat(43)}`,
    'iron',
  ],
])('%s', (_, text, layer) => {
  for (const as of [undefined, [layer]]) {
    for (const secrets of [[], ['k']]) {
      expect(() => decode(Buffer.from(text), { secrets, ...(as === undefined ? {} : { as }) })).not.toThrow();
    }
  }
});

it('a signed value with such a stamp is shown with it', () => {
  const decoded = decode(Buffer.from(tornado), { secrets: ['k'], name: 'session' });
  expect(decoded.steps[0]?.facts['stamp']).toBe(`${Number(FAR) * 1000} ms since 1970`);
});
