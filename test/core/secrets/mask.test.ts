import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, Masker, maskFields, maskText, maskUrl } from '../../../core/secrets/mask.ts';
import { type Case, HARMLESS, MARK, PLANTED, SHAPED } from './planted.ts';

function masked([place, text]: Case, masker = new Masker()): string {
  if (place.startsWith('header ')) return masker.fields([place.slice(7), text])[1] ?? '';
  if (place === 'url') return masker.url(text);
  if (place === 'text') return masker.text(text);
  if (place === 'message') return masker.message(text);
  return Buffer.from(masker.body(Buffer.from(text), place)).toString('utf8');
}

describe('secrets', () => {
  it('are planted at more than 100 places, and stand at more than 40 values that only come near', () => {
    expect(PLANTED.length).toBeGreaterThan(130);
    expect(HARMLESS.length).toBeGreaterThan(55);
  });

  it.each(PLANTED)('%s: %s', (place, text) => {
    const masker = new Masker();
    const result = masked([place, text], masker);
    expect(result).not.toContain(MARK);
    expect(result).toContain(MASK);
    // What was masked is said, and never what it was.
    expect(masker.notes().join()).toMatch(/^Masked in /);
    expect(masker.notes().join()).not.toContain(MARK);
    expect(masked([place, result])).toBe(result);
  });

  it.each(SHAPED)('are known by their form: %s', (value) => {
    const start = value.slice(0, 12);
    expect(maskText(`got ${value} here`)).not.toContain(start);
    expect(maskUrl(`https://a.test/x?y=${value}`)).not.toContain(start);
    expect(masked(['application/json', JSON.stringify({ note: [value] })])).not.toContain(start);
    expect(masked(['', `\n${value}\n`])).not.toContain(start);
    // In bytes that are no text they are overwritten at the same length.
    const bytes = Buffer.concat([Buffer.from([0, 1, 2, 255]), Buffer.from(value), Buffer.from([0, 254])]);
    const result = Buffer.from(new Masker().body(bytes, 'application/grpc'));
    expect(result).toHaveLength(bytes.length);
    expect(result.includes(start)).toBe(false);
  });
});

describe('values that are none', () => {
  it.each(HARMLESS)('%s: %s', (place, text) => {
    const masker = new Masker();
    expect(masked([place, text], masker)).toBe(text);
    expect(masker.count).toBe(0);
  });
});

describe('masks', () => {
  it('keep names, attributes and places', () => {
    expect(
      maskFields(['Set-Cookie', 'a=1; Path=/;HttpOnly', 'cookie', 'a=1;b="2"', 'Set-Cookie', 'gone=; Max-Age=0']),
    ).toEqual([
      ...['Set-Cookie', `a=${MASK}; Path=/;HttpOnly`, 'cookie', `a=${MASK}; b=${MASK}`],
      ...['Set-Cookie', 'gone=; Max-Age=0'],
    ]);
    expect(maskUrl('http://u:p@x/a;jsessionid=1?PHPSESSID=2&x=3&access_token=4#f')).toBe(
      `http://${MASK}@x/a;jsessionid=${MASK}?PHPSESSID=${MASK}&x=3&access_token=${MASK}#f`,
    );
    expect(masked(['application/json', '{ "a":1,\n "password" : "x",\t"b":[true] }'])).toBe(
      `{ "a":1,\n "password" : "${MASK}",\t"b":[true] }`,
    );
    expect(masked(['application/json', '{"pin":4711,"otp":123456}'])).toBe(`{"pin":"${MASK}","otp":"${MASK}"}`);
  });

  it('keep bytes that are no UTF-8, other charsets, and characters of all kinds', () => {
    const latin = Buffer.from('{"who":"Zo\xeb","password":"x\xff"}', 'latin1');
    expect(Buffer.from(new Masker().body(latin, 'application/json')).toString('latin1')).toBe(
      `{"who":"Zo\xeb","password":"${MASK}"}`,
    );
    const wide = Buffer.from('\ufeff{"who":"日本","password":"x"}', 'utf16le');
    expect(Buffer.from(new Masker().body(wide, 'application/json')).toString('utf16le')).toBe(
      `\ufeff{"who":"日本","password":"${MASK}"}`,
    );
    expect(masked(['application/json', '{"u":"https://a.test/日?token=x1y2&z=\\u00e9"}'])).toBe(
      `{"u":"https://a.test/日?token=${MASK}&z=é"}`,
    );
  });

  it('say what could not be looked into', () => {
    const masker = new Masker();
    const image = Buffer.from('ffd8ffe000104a464946', 'hex');
    expect(masker.body(image, 'image/jpeg')).toBe(image);
    masker.body(image, 'image/jpeg');
    masker.body(Buffer.from([0, 0, 0, 5, 1, 2]), 'application/grpc');
    expect(masker.notes()).toEqual([
      'Could not look into 2 bodies or messages: image/jpeg',
      'Could not look into 1 body or message: application/grpc',
    ]);
  });

  it('leave JSON as JSON, and hide every text under a secret name, wherever it lies', () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true }),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 8 }), tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(
        tree,
        fc.string({ minLength: 1 }),
        fc.constantFrom('password', 'api_key', 'accessToken'),
        (value, secret, name) => {
          const text = JSON.stringify([value, { [name]: `QQ${secret}QQ` }, value]);
          const result = masked(['application/json', text]);
          const after = JSON.parse(result) as [unknown, Record<string, unknown>];
          expect(after[1]).toEqual({ [name]: MASK });
          expect(masked(['application/json', result])).toBe(result);
        },
      ),
    );
  });

  it('never let a cookie value through', () => {
    const token = fc.string({ unit: fc.constantFrom(...'abc;= ",%'), maxLength: 30 });
    fc.assert(
      fc.property(token, token, (before, after) => {
        const value = `${before};sid=S3CRET${after}`;
        expect(maskFields(['Cookie', value])[1]).not.toContain('S3CRET');
        expect(maskFields(['Set-Cookie', `sid=S3CRET${after}`])[1]?.split(';')[0]).not.toContain('S3CRET');
      }),
    );
  });

  it('never fail, and take time in proportion to the text, whatever it holds', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(...`"'\\{}[]<>=:&?#;/-_ \n\0ae1`, 'token', 'eyJ', '://', '&quot;'),
      maxLength: 200,
    });
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('application/json', 'text/html', 'text/plain', 'application/xml', ''),
        (text, type) => {
          masked([type, text]);
          masked(['url', text]);
          masked(['message', text]);
          maskFields(['Location', text, 'Cookie', text, 'X-Any', text]);
        },
      ),
      { numRuns: 500 },
    );
    // Two sizes beside each other, in the thread's own time: the machine's load does not count.
    const units = [
      '<a "',
      '"token":"',
      'token=',
      'eyJ',
      '[',
      '{"a":',
      '<![CDATA[',
      '\\"',
      'a.b-',
      '://@',
      '-----BEGIN PRIVATE KEY-----',
      '&quot;x&quot;:&quot;',
      "x='",
      'Bearer ',
      '<!--',
      '\n{',
      'data: {',
      ';a=',
      '/token/',
    ];
    for (const unit of units) {
      for (const type of ['application/json', 'text/html', 'text/plain']) {
        const cost = (length: number) => {
          const text = unit.repeat(Math.ceil(length / unit.length));
          const before = process.threadCpuUsage().user;
          masked([type, text]);
          return process.threadCpuUsage().user - before;
        };
        cost(10_000);
        const small = Math.max(cost(30_000), 5_000);
        expect(cost(240_000) / small, `${unit} as ${type}`).toBeLessThan(40);
      }
    }
  });
});
