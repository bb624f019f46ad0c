import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createIntercept,
  type HeldEnd,
  type HeldMessage,
  type Intercept,
} from '../../../../core/proxy/intercept/intercept.ts';
import { http2Ask, http2Session } from '../../../support/proxy/behaviour-http2.ts';
import { labWithProxy } from '../../../support/proxy/lab.ts';
import { Reader, tcp } from '../../../support/proxy/raw-client.ts';
import { type RecordedProxy, startRecordedProxy } from '../../../support/recorded-proxy.ts';

let origin: Server;
let recorded: RecordedProxy;
let intercept: Intercept;
let expire: (() => void) | undefined;
const ends: HeldEnd[] = [];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  raw: string[];
  body: Buffer;
}

beforeAll(async () => {
  origin = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      if (req.url === '/odd') {
        res.writeHead(200, { 'Content-Encoding': 'sdch' }).end('odd');
        return;
      }
      const seen = { method: req.method, path: req.url, raw: req.rawHeaders, body: Buffer.concat(chunks).toString() };
      res.writeHead(200, 'Yes', { 'Content-Encoding': 'gzip', 'X-Order': '1', 'x-order': ['2'] });
      res.end(gzipSync(JSON.stringify(seen)));
    });
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
});

beforeEach(async () => {
  ends.length = 0;
  intercept = createIntercept({
    clock: () => 1000,
    timeLimit: 60_000,
    most: 3,
    timers: {
      set(callback) {
        expire = callback;
        return 1;
      },
      clear: () => undefined,
    },
  });
  intercept.onHeld((_, end) => {
    if (end !== undefined) ends.push(end);
  });
  recorded = await startRecordedProxy({ after: [intercept.hooks] });
});
afterEach(() => recorded.close());

const url = (path: string) => `http://127.0.0.1:${(origin.address() as AddressInfo).port}${path}`;

function ask(path: string, body?: Buffer, headers: string[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      port: recorded.proxy.port,
      path: url(path),
      method: body === undefined ? 'GET' : 'POST',
      headers: [
        'Host',
        'shop.test',
        ...headers,
        ...(body === undefined ? [] : ['Content-Length', String(body.length)]),
      ],
      setHost: false,
      agent: false,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          raw: res.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(body);
  });
}

/** The next message that is held. */
const held = (): Promise<HeldMessage> =>
  new Promise((resolve) => {
    const stop = intercept.onHeld((message, end) => {
      if (end !== undefined) return;
      stop();
      resolve(message);
    });
  });

const seen = ({ body }: Answer) =>
  JSON.parse(gunzipSync(body).toString()) as { method: string; path: string; raw: string[]; body: string };

describe('createIntercept in a real proxy', () => {
  it('holds requests within its breakpoints, and says until when', async () => {
    intercept.setBreakpoints([{ on: ['request'], host: '127.0.0.1', path: '/hold', methods: ['GET'] }]);
    expect((await ask('/free')).status).toBe(200);
    expect((await ask('/hold', Buffer.from('x'))).status).toBe(200);
    const next = held();
    const answer = ask('/hold/it', undefined, ['Cookie', 'a=1', 'X-B', '2']);
    const message = await next;
    expect(message).toMatchObject({
      side: 'request',
      method: 'GET',
      url: url('/hold/it'),
      heldAt: 1000,
      until: 61_000,
      bodyEditable: false,
    });
    expect(message.rawHeaders).toEqual(expect.arrayContaining(['Cookie', 'a=1']));
    expect(intercept.list()).toEqual([message]);
    await intercept.resume(message.id);
    expect(seen(await answer).raw).toEqual(expect.arrayContaining(['Cookie', 'a=1', 'X-B', '2']));
    expect(ends).toEqual(['resumed']);
    expect((await recorded.flow((f) => f.request.url.endsWith('/hold/it'))).editedBy).toBeUndefined();
  });

  it('sends an edited request, with another body in its coding', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    const next = held();
    const answer = ask('/a', gzipSync('old'), ['Content-Encoding', 'gzip']);
    const message = await next;
    expect(message.bodyEditable).toBe(true);
    expect((await intercept.body(message.id)).toString()).toBe('old');
    const rawHeaders = [...message.rawHeaders, 'X-New', 'caf\xe9'];
    await intercept.resume(message.id, {
      method: 'PUT',
      url: url('/b'),
      rawHeaders,
      body: Buffer.from('new and longer'),
    });
    const { method, path, raw, body } = seen(await answer);
    expect([method, path]).toEqual(['PUT', '/b']);
    expect(raw).toEqual(expect.arrayContaining(['X-New', 'caf\xe9', 'Content-Encoding', 'gzip']));
    expect(raw.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-length')).toHaveLength(1);
    expect(body).not.toBe('');
    const flow = await recorded.flow(() => true);
    expect(flow.editedBy).toEqual(['edited by hand']);
    expect(flow.request).toMatchObject({ method: 'POST', sent: { method: 'PUT', url: url('/b') } });
    expect(gunzipSync(await recorded.bodies.read(flow.request.body.ref ?? '')).toString()).toBe('new and longer');
    expect(ends).toEqual(['edited']);
  });

  it('has the body of a client that waits for 100 before it sends one, and of its next request', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    const socket = await tcp({ host: '127.0.0.1', port: recorded.proxy.port });
    const reader = new Reader(socket);
    for (const body of ['first', 'other']) {
      const next = held();
      socket.write(`POST ${url('/e')} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
      const message = await next;
      const looking = intercept.body(message.id);
      expect(await reader.head()).toMatch(/^HTTP\/1\.1 100 /);
      socket.write(body);
      expect((await looking).toString()).toBe(body);
      await intercept.resume(message.id);
      const answer = await reader.head();
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      await reader.until((text) => text.endsWith('0\r\n\r\n'));
      reader.clear();
    }
    socket.destroy();
  });

  it('gives an edited response to the client, coded as its head says', async () => {
    intercept.setBreakpoints([{ on: ['response'] }]);
    const next = held();
    const answer = ask('/a');
    const message = await next;
    expect(message).toMatchObject({ side: 'response', status: 200, reason: 'Yes' });
    expect(JSON.parse((await intercept.body(message.id)).toString())).toMatchObject({ path: '/a' });
    await intercept.resume(message.id, { status: 418, reason: 'Teapot', body: Buffer.from('short') });
    const got = await answer;
    expect(got.status).toBe(418);
    expect(gunzipSync(got.body).toString()).toBe('short');
    expect(got.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(got.body.length) });
    expect(got.raw.filter((name) => name.toLowerCase() === 'x-order')).toHaveLength(2);
  });

  it('leaves the coding out where it cannot write it', async () => {
    intercept.setBreakpoints([{ on: ['response'] }]);
    const next = held();
    const answer = ask('/odd');
    const message = await next;
    expect(message.bodyEditable).toBe(false);
    await intercept.resume(message.id, { body: Buffer.from('plain') });
    const got = await answer;
    expect(got.body.toString()).toBe('plain');
    expect(got.headers['content-encoding']).toBeUndefined();
  });

  it('lets a message go when its time is over, holds only so many, and drops on demand', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    let next = held();
    const late = ask('/late');
    const message = await next;
    expire?.();
    expect((await late).status).toBe(200);
    await expect(intercept.resume(message.id)).rejects.toThrow(/not held any more/);
    const three = [];
    for (let i = 0; i < 3; i += 1) {
      next = held();
      three.push(ask(`/${i}`).catch((error: Error) => error));
      await next;
    }
    // The fourth is beyond the bound and passes.
    expect((await ask('/4')).status).toBe(200);
    intercept.drop(intercept.list()[0]?.id ?? '');
    expect(await three[0]).toBeInstanceOf(Error);
    intercept.resumeAll();
    expect((await Promise.all(three)).slice(1)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(ends.sort()).toEqual(['dropped', 'resumed', 'resumed', 'timed-out']);
  });

  it('changes nothing when its time runs out while an edited body is being coded', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    const next = held();
    const answer = ask('/late', gzipSync('old'), ['Content-Encoding', 'gzip']);
    const { id, rawHeaders } = await next;
    const edit = { method: 'PUT', rawHeaders: [...rawHeaders, 'X-Late', '1'], body: Buffer.from('new') };
    const refused = expect(intercept.resume(id, edit)).rejects.toMatchObject({ problem: { kind: 'not-held' } });
    expire?.();
    await refused;
    expect(seen(await answer)).toMatchObject({ method: 'POST', raw: expect.not.arrayContaining(['X-Late']) });
    const { request: recordedRequest } = await recorded.flow((f) => f.request.url.endsWith('/late'));
    expect(recordedRequest.sent).toBeUndefined();
    expect(ends).toEqual(['timed-out']);
  });

  it('notices that the client went away', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    const next = held();
    const outgoing = request({ port: recorded.proxy.port, path: url('/x'), agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end();
    await next;
    const gone = new Promise<HeldEnd>((resolve) => intercept.onHeld((_, end) => end !== undefined && resolve(end)));
    outgoing.destroy();
    expect(await gone).toBe('gone');
    expect(intercept.list()).toEqual([]);
  });

  it('refuses edits that would break a message, and keeps holding it', async () => {
    intercept.setBreakpoints([{ on: ['request'] }]);
    const next = held();
    const answer = ask('/');
    const { id } = await next;
    for (const edit of [
      { rawHeaders: ['A: b', 'c'] },
      { rawHeaders: ['A', 'b\r\nC: d'] },
      { rawHeaders: ['A'] },
      { method: 'GET /x' },
      { url: '/relative' },
      { url: 'http://x/ y' },
      { reason: 'a\r\nb' },
      { status: 99 },
    ]) {
      await expect(intercept.resume(id, edit), JSON.stringify(edit)).rejects.toThrow();
    }
    expect(intercept.list()).toHaveLength(1);
    await intercept.resume(id, {});
    expect((await answer).status).toBe(200);
    expect(ends).toEqual(['resumed']);
  });
});

describe('createIntercept over HTTP/2', () => {
  it('edits head and body of request and answer, with true lengths and codings', async () => {
    const running = await labWithProxy([intercept.hooks]);
    try {
      intercept.setBreakpoints([{ on: ['request', 'response'] }]);
      const session = await http2Session(running.lab, running.lab.ports.http2);
      const firstHeld = held();
      const answered = http2Ask(
        running.lab,
        session,
        {
          ':method': 'POST',
          ':path': '/upload',
          'content-length': 3,
          'content-encoding': 'gzip',
          cookie: 'sid=1; a=b',
        },
        { body: 'old' },
      );
      const request = await firstHeld;
      expect(request).toMatchObject({ side: 'request', httpVersion: '2.0', bodyEditable: true });
      const nextHeld = held();
      const rawHeaders = request.rawHeaders.map((text) => text.replace('sid=1', 'sid=2'));
      await intercept.resume(request.id, { rawHeaders, body: Buffer.from('another body') });
      const response = await nextHeld;
      expect(response).toMatchObject({ side: 'response', status: 200 });
      expect(await intercept.body(response.id)).toEqual(
        // Nothing else reproduces gzip's bytes: the origin tells what it got by their hash.
        Buffer.from(createHash('sha1').update(gzipSync('another body')).digest('hex')),
      );
      await intercept.resume(response.id, {
        status: 201,
        rawHeaders: [...response.rawHeaders, 'content-encoding', 'br', 'set-cookie', 'sid=3; Path=/'],
        body: Buffer.from('told another'),
      });
      const { status, headers, seen: arrived } = await answered;
      session.destroy();
      expect(arrived.headers).toMatchObject({
        cookie: 'sid=2; a=b',
        'content-length': `${gzipSync('another body').length}`,
      });
      expect(status).toBe(201);
      expect(headers['set-cookie']).toEqual(['sid=3; Path=/']);
      expect(headers['content-length']).toBe(`${brotli('told another').length}`);
    } finally {
      await running.close();
    }
  });
});

const brotli = (text: string): Buffer => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
