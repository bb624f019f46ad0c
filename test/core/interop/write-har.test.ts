import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { curlCommand } from '../../../core/interop/curl.ts';
import { maskedRequest } from '../../../core/interop/masked-request.ts';
import { harText } from '../../../core/interop/write-har.ts';
import type { Flow } from '../../../core/model/flow.ts';
import type { FrameView } from '../../../core/model/proxy-settings.ts';
import { MASK } from '../../../core/secrets/mask.ts';
import { HARMLESS, MARK, PLANTED } from '../secrets/planted.ts';

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
    expect(log).toMatchObject({
      comment: expect.stringMatching(/^Cookies, credentials and passwords are masked\. Masked in header fields: /),
    });
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

/** A flow that carries one value of the table of planted secrets, on the side where it belongs. */
function carrying(place: string, text: string): { flow: Flow; body: Buffer } {
  const { response } = flow;
  const empty = { size: 0, kept: 0 };
  const request = { ...flow.request, url: 'http://shop.test/', rawHeaders: [] as string[], body: empty };
  if (response === undefined) throw new Error('the flow has a response');
  const bare = { ...response, rawHeaders: [] as string[], body: empty };
  const body = Buffer.from(text);
  if (place.startsWith('header ')) {
    const fields = [place.slice(7), text];
    const ofResponse = /^(set-cookie|location|refresh|link|www-|hx-|new-|content-)/i.test(place.slice(7));
    return {
      body,
      flow: ofResponse
        ? { ...flow, request, response: { ...bare, rawHeaders: fields } }
        : { ...flow, request: { ...request, rawHeaders: fields }, response: bare },
    };
  }
  if (place === 'url') {
    const url = text.startsWith('/') ? `http://shop.test${text}` : text;
    return { body, flow: { ...flow, request: { ...request, url }, response: bare } };
  }
  if (place === 'text') return { body, flow: { ...flow, request, response: bare, error: text } };
  if (place === 'message') {
    const frames = { count: 1, kept: 1, ref: 'frames' };
    return { body, flow: { ...flow, kind: 'websocket', request, response: bare, frames } };
  }
  const info = { size: body.length, kept: body.length, ref: 'planted' };
  const rawHeaders = place === '' ? [] : ['Content-Type', place];
  return {
    body,
    flow: { ...flow, request: { ...request, rawHeaders, body: info }, response: { ...bare, rawHeaders, body: info } },
  };
}

async function exported({ flow: one, body }: { flow: Flow; body: Buffer }, withSecrets: boolean) {
  const frame = { at: 1, from: 'client', opcode: 1, fin: true, compressed: false, size: body.length } as const;
  const notes: string[] = [];
  let text = '';
  for await (const piece of harText([one], {
    version: '1',
    withSecrets,
    readBody: async () => body,
    readFrames: async () => ({ frames: [{ ...frame, base64: body.toString('base64') }], total: 1 }),
    onNotes: (all) => notes.push(...all),
  })) {
    text += piece;
  }
  const sent = await maskedRequest(one, one.request.body.size === 0 ? undefined : body);
  const curl = curlCommand(sent.flow, sent.body);
  return { text, notes, curl: `${curl.text}${[...curl.notes, ...sent.notes].join()}` };
}

describe('masked exports', () => {
  it('hold none of the planted secrets: HAR and curl, and say what they masked', async () => {
    for (const [place, text] of PLANTED) {
      const { text: har, notes, curl } = await exported(carrying(place, text), false);
      expect(har, `${place}: ${text}`).not.toContain(MARK);
      expect(curl, `${place}: ${text}`).not.toContain(MARK);
      expect(notes.join(), `${place}: ${text}`).toMatch(/^Masked in /);
    }
  });

  it('leave what is no secret as it is', async () => {
    for (const [place, text] of HARMLESS) {
      const one = carrying(place, text);
      const masked = await exported(one, false);
      const plain = await exported(one, true);
      expect(JSON.parse(masked.text).log.entries, `${place}: ${text}`).toEqual(JSON.parse(plain.text).log.entries);
    }
  });

  it('look under the content coding, and leave out what they cannot look into', async () => {
    const secret = Buffer.from(`{"password":"${SECRET}"}`);
    const body = gzipSync(secret);
    const headers = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'];
    const info = { size: body.length, kept: body.length, ref: 'x' };
    const one: Flow = { ...flow, request: { ...flow.request, url: 'http://a.test/', rawHeaders: headers, body: info } };
    const sent = await maskedRequest(one, body);
    expect(Buffer.from(sent.body ?? []).toString()).toBe(`{"password":"${MASK}"}`);
    expect(sent.flow.request.rawHeaders).toEqual(['Content-Type', 'application/json']);
    expect(sent.notes.join()).toMatch(/without its content coding/);
    const unknown = await maskedRequest(
      { ...one, request: { ...one.request, rawHeaders: ['Content-Encoding', 'sdch'] } },
      secret,
    );
    expect(unknown.body).toBeUndefined();
    expect(unknown.notes.join()).toMatch(/sdch, could not be looked into and was left out/);
    // A coding that does not fit hides nothing.
    const plain = await maskedRequest(one, secret);
    expect(Buffer.from(plain.body ?? []).toString()).toBe(`{"password":"${MASK}"}`);
  });
});

describe('a HAR of odd flows', () => {
  it('holds the bytes of a body whose coding does not fit, with the sentence', async () => {
    const plain = Buffer.from('hello');
    const info = { size: 5, kept: 5, ref: 'planted' };
    const rawHeaders = ['Content-Encoding', 'gzip', 'Content-Type', 'text/plain'];
    const { response } = flow;
    const one: Flow = { ...flow, response: { ...(response as NonNullable<Flow['response']>), rawHeaders, body: info } };
    const { text } = await exported({ flow: one, body: plain }, true);
    const [entry] = JSON.parse(text).log.entries;
    expect(entry.response.content).toMatchObject({ text: 'hello', size: 5, compression: 0 });
    expect(entry.comment).toContain('The body is not gzip, although its header says so');
  });

  it('holds the messages of a WebSocket: fragments together, binary as base64, what is missing named', async () => {
    const base = { fin: true, compressed: false, size: 1 };
    const utf8 = Buffer.from('Zoë');
    const frames: FrameView[] = [
      { ...base, at: 1_500, from: 'client', opcode: 1, fin: false, base64: utf8.subarray(0, 3).toString('base64') },
      { ...base, at: 1_600, from: 'server', opcode: 2, base64: 'AP8=' },
      { ...base, at: 1_650, from: 'server', opcode: 9, base64: '' },
      { ...base, at: 1_700, from: 'client', opcode: 0, base64: utf8.subarray(3).toString('base64') },
      { ...base, at: 1_800, from: 'server', opcode: 1, compressed: true, base64: 'e30=', inflated: 2 },
      { ...base, at: 1_850, from: 'server', opcode: 0, compressed: true, note: 'part' },
      { ...base, at: 1_900, from: 'server', opcode: 1, compressed: true, base64: 'AA==', note: 'context' },
      { ...base, at: 2_000, from: 'server', opcode: 1, base64: 'YQ==', cut: true },
      { ...base, at: 2_100, from: 'server', opcode: 8, close: { code: 1000, reason: '' } },
    ];
    let text = '';
    const one: Flow = { ...flow, kind: 'websocket', frames: { count: 12, kept: 9, ref: 'f' } };
    const readFrames = async () => ({ frames, total: 12 });
    for await (const piece of harText([one], { version: '1', readBody: async () => Buffer.alloc(0), readFrames })) {
      text += piece;
    }
    const [entry] = JSON.parse(text).log.entries;
    expect(entry._resourceType).toBe('websocket');
    expect(entry.request.url).toMatch(/^ws:/);
    expect(entry._webSocketMessages).toEqual([
      { type: 'receive', time: 1.6, opcode: 2, data: 'AP8=' },
      { type: 'send', time: 1.5, opcode: 1, data: 'Zoë' },
      { type: 'receive', time: 1.8, opcode: 1, data: '{}' },
      { type: 'receive', time: 1.9, opcode: 2, data: 'AA==' },
      { type: 'receive', time: 2, opcode: 1, data: 'a' },
    ]);
    expect(entry.comment).toMatch(/first 9 of 12 frames.*1 frames were not recorded whole.*could not be inflated/);
  });
});
