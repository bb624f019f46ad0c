import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harText } from '../../../core/capture/har.ts';
import { MASK, maskFields, maskForm, maskUrl } from '../../../core/capture/mask-secrets.ts';
import type { Flow } from '../../../core/model/flow.ts';

const SECRET = '0123456789abcdef';
const bodies: Record<string, Buffer> = {
  form: Buffer.from(`user=alice&password=${SECRET}&n=1`),
  page: gzipSync('<p>hé</p>'),
  image: Buffer.from([0xff, 0xd8, 0xff, 0x00]),
};

const flow: Flow = {
  id: 'f1',
  startedAt: 1_795_000_000_000,
  endedAt: 1_795_000_000_120,
  client: { address: '127.0.0.1', port: 5000 },
  request: {
    method: 'POST',
    url: `http://shop.test/login?sid=${SECRET}&q=a%20b`,
    httpVersion: '1.1',
    rawHeaders: [
      'Host',
      'shop.test',
      'Cookie',
      `sid=${SECRET}; lang=de`,
      'Authorization',
      `Bearer ${SECRET}`,
      'Content-Type',
      'application/x-www-form-urlencoded',
      'X-Api-Key',
      SECRET,
    ],
    body: { size: 46, kept: 46, ref: 'form' },
  },
  response: {
    status: 302,
    reason: 'Found',
    httpVersion: '1.1',
    rawHeaders: [
      'Set-Cookie',
      `sid=${SECRET}; Path=/; HttpOnly; SameSite=Lax; Expires=Wed, 09 Jun 2027 10:18:14 GMT`,
      'Location',
      `/home?token=${SECRET}`,
      'Content-Encoding',
      'gzip',
      'Content-Type',
      'text/html',
    ],
    body: { size: 29, kept: 29, ref: 'page' },
  },
  server: { address: '10.0.0.1', port: 80 },
  timing: { connectMs: 10, firstByteMs: 100 },
  kind: 'http',
};

async function har(flows: Flow[], withSecrets: boolean): Promise<{ text: string; log: Record<string, never> }> {
  let text = '';
  const readBody = async (ref: string) => {
    const body = bodies[ref];
    if (body === undefined) throw new Error('gone');
    return body;
  };
  for await (const piece of harText(flows, { version: '1.0', readBody, withSecrets })) text += piece;
  return { text, log: JSON.parse(text).log };
}

describe('harText', () => {
  it('writes HAR 1.2 with everything a reader needs', async () => {
    const { log } = await har([flow], true);
    expect(log).toMatchObject({
      version: '1.2',
      creator: { name: 'Sessionscope', version: '1.0' },
      entries: [
        {
          startedDateTime: new Date(flow.startedAt).toISOString(),
          time: 120,
          request: {
            method: 'POST',
            httpVersion: 'HTTP/1.1',
            cookies: [
              { name: 'sid', value: SECRET },
              { name: 'lang', value: 'de' },
            ],
            queryString: [
              { name: 'sid', value: SECRET },
              { name: 'q', value: 'a b' },
            ],
            postData: {
              mimeType: 'application/x-www-form-urlencoded',
              params: [{ name: 'user' }, { name: 'password', value: SECRET }, {}],
            },
          },
          response: {
            status: 302,
            redirectURL: `/home?token=${SECRET}`,
            content: { size: 10, mimeType: 'text/html', text: '<p>hé</p>' },
            cookies: [
              {
                name: 'sid',
                value: SECRET,
                path: '/',
                httpOnly: true,
                secure: false,
                sameSite: 'Lax',
                expires: '2027-06-09T10:18:14.000Z',
              },
            ],
          },
          timings: { connect: 10, wait: 90, receive: 20, send: 0 },
          serverIPAddress: '10.0.0.1',
        },
      ],
    });
  });

  it('holds no secret unless it was asked for', async () => {
    const { text, log } = await har([flow], false);
    expect(text).not.toContain(SECRET);
    expect(text.split(MASK).length).toBeGreaterThan(8);
    expect(log).toMatchObject({ comment: 'Cookies, credentials and passwords are masked' });
  });

  it('says what is missing, and keeps bytes that are no text as base64', async () => {
    const { response, ...unanswered } = flow;
    const cut: Flow = {
      ...flow,
      response: {
        ...(response as NonNullable<Flow['response']>),
        rawHeaders: ['Content-Type', 'image/jpeg'],
        body: { size: 10, kept: 4, ref: 'image' },
      },
    };
    const gone: Flow = { ...flow, request: { ...flow.request, body: { size: 5, kept: 5, ref: 'none' } } };
    const { log } = await har([{ ...unanswered, error: 'Connection refused' }, cut, gone], true);
    expect(log).toMatchObject({
      entries: [
        { response: { status: 0 }, comment: 'Connection refused' },
        {
          response: { content: { encoding: 'base64', text: '/9j/AA==' } },
          comment: 'Only 4 of 10 bytes of the response body were recorded',
        },
        { comment: 'The request body is not kept any more' },
      ],
    });
    expect((await har([], false)).log).toMatchObject({ entries: [] });
  });
});

describe('masks', () => {
  it('keep names, attributes and places', () => {
    expect(
      maskFields(['Set-Cookie', 'a=1; Path=/;HttpOnly', 'cookie', 'a=1;b="2"', 'Set-Cookie', 'gone=; Max-Age=0']),
    ).toEqual([
      'Set-Cookie',
      `a=${MASK}; Path=/;HttpOnly`,
      'cookie',
      `a=${MASK}; b=${MASK}`,
      'Set-Cookie',
      'gone=; Max-Age=0',
    ]);
    expect(maskUrl('http://u:p@x/a;jsessionid=1?PHPSESSID=2&x=3&access_token=4#f')).toBe(
      `http://${MASK}@x/a;jsessionid=${MASK}?PHPSESSID=${MASK}&x=3&access_token=${MASK}#f`,
    );
    expect(maskForm('a=1&Password=2&csrf_token=3')).toBe(`a=1&Password=${MASK}&csrf_token=${MASK}`);
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
});
