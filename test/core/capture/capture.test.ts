import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { hostOf } from '../../../core/capture/capture.ts';
import { decodeBody } from '../../../core/capture/decode-body.ts';
import { sightingsOf } from '../../../core/capture/flow-sightings.ts';
import type { Sighting } from '../../../core/model/session.ts';
import { createRules } from '../../../core/proxy/rules/rules.ts';
import { type RecordedProxy, startRecordedProxy } from '../../support/recorded-proxy.ts';

const HEX = '0123456789abcdef0123456789abcdef01234567';
let origin: Server;
let port: number;
let recorded: RecordedProxy | undefined;

beforeAll(async () => {
  origin = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      if (req.url === '/gzip') {
        res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('hello '.repeat(100)));
      } else if (req.url === '/broken') {
        res.writeHead(200, { 'Content-Length': '100' });
        res.write('half', () => res.destroy());
      } else {
        res.writeHead(200, 'Fine', [
          'X-Seen',
          req.headers.cookie ?? '-',
          'set-COOKIE',
          `sid=${HEX}; HttpOnly`,
          'Set-Cookie',
          '_ga=1',
        ]);
        res.end(Buffer.concat(chunks));
      }
    });
  });
  await once(origin.listen(0, '127.0.0.1'), 'listening');
  port = (origin.address() as AddressInfo).port;
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
});
afterEach(async () => {
  await recorded?.close();
  recorded = undefined;
});

/** One request through the proxy; resolves with the answer's body. */
async function ask(proxy: RecordedProxy, path: string, headers: string[] = [], body?: string): Promise<string> {
  const outgoing = request({
    host: '127.0.0.1',
    port: proxy.proxy.port,
    method: body === undefined ? 'GET' : 'POST',
    path: `http://127.0.0.1:${port}${path}`,
    headers: [
      'Host',
      `127.0.0.1:${port}`,
      ...headers,
      ...(body === undefined ? [] : ['Content-Length', String(body.length)]),
    ],
    setHost: false,
    agent: false,
  });
  // As bytes: Node writes a text body and the head together as UTF-8.
  outgoing.end(body === undefined ? undefined : Buffer.from(body));
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('error', () => resolve(`${text}…`));
      response.on('end', () => resolve(text));
    });
  });
}

describe('createCapture on a real proxy', () => {
  it('records raw heads, bodies, times and sightings, and tells of each phase', async () => {
    recorded = await startRecordedProxy();
    await ask(
      recorded,
      '/a?PHPSESSID=3cugirfd65vnvc7ppfqdu8g6qg',
      ['cOOkie', `sid=${HEX}; lang=de`, 'X-B', 'caf\xe9'],
      'name=1',
    );
    const flow = await recorded.flow(() => true);
    expect(recorded.phases.map(({ phase }) => phase)).toEqual(['start', 'response', 'end']);
    expect(flow).toMatchObject({
      kind: 'http',
      request: {
        method: 'POST',
        url: `http://127.0.0.1:${port}/a?PHPSESSID=3cugirfd65vnvc7ppfqdu8g6qg`,
        body: { size: 6, kept: 6 },
      },
      response: { status: 200, reason: 'Fine', body: { size: 6, kept: 6 } },
      server: { address: '127.0.0.1', port },
    });
    expect(flow.request.rawHeaders.slice(0, 6)).toEqual([
      'Host',
      `127.0.0.1:${port}`,
      'cOOkie',
      `sid=${HEX}; lang=de`,
      'X-B',
      'caf\xe9',
    ]);
    expect(flow.response?.rawHeaders.slice(2, 6)).toEqual([
      'set-COOKIE',
      `sid=${HEX}; HttpOnly`,
      'Set-Cookie',
      '_ga=1',
    ]);
    expect((await recorded.bodies.read(flow.request.body.ref ?? '')).toString()).toBe('name=1');
    expect(flow.editedBy).toBeUndefined();
    expect(flow.endedAt).toBeGreaterThanOrEqual(flow.startedAt);
    expect(
      recorded.sightings.map(({ carrier, direction, id }) => `${direction} ${Object.values(carrier).join(' ')} ${id}`),
    ).toEqual([
      `request cookie sid ${HEX}`,
      'request cookie lang de',
      'request url PHPSESSID 3cugirfd65vnvc7ppfqdu8g6qg',
      `response cookie sid ${HEX}`,
    ]);
    // A flow that did not pass the recorder gives the same.
    const facts = ({ carrier, id, raw, direction, host, flowId, setCookie }: Sighting) => ({
      carrier,
      id,
      raw,
      direction,
      host,
      flowId,
      setCookie,
    });
    expect(sightingsOf(flow).map(facts)).toEqual(recorded.sightings.map(facts));
    expect(recorded.sightings.every(({ flowId, host }) => flowId === flow.id && host === `127.0.0.1:${port}`)).toBe(
      true,
    );
  });

  it('keeps bodies as they passed and decodes them when asked', async () => {
    recorded = await startRecordedProxy({ limits: { bodyBytes: 1000 } });
    await ask(recorded, '/gzip');
    const { response } = await recorded.flow(() => true);
    const raw = await recorded.bodies.read(response?.body.ref ?? '');
    expect((await decodeBody(raw, 'gzip')).bytes.toString()).toBe('hello '.repeat(100));
    await ask(recorded, '/echo', [], 'x'.repeat(5000));
    const big = await recorded.flow((f) => f.request.url.endsWith('/echo'));
    expect(big.response?.body).toMatchObject({ size: 5000, kept: 1000 });
    expect(recorded.capture.notRecorded).toMatchObject({ bodyBytes: 8000, bodiesCut: 2 });
  });

  it('notes what rules changed on the way, and sights what the application saw', async () => {
    const rules = createRules();
    rules.add({ on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'other' } });
    rules.add({ on: 'response', change: { kind: 'cookie', cookie: 'sid', remove: true } });
    recorded = await startRecordedProxy({ after: [rules.hooks] });
    await ask(recorded, '/', ['Cookie', `sid=${HEX}`]);
    const flow = await recorded.flow(() => true);
    expect(flow.request.rawHeaders).toContain(`sid=${HEX}`);
    expect(flow.request.sent?.rawHeaders).toContain('sid=other');
    expect(flow.response?.rawHeaders).toContain(`sid=${HEX}; HttpOnly`);
    expect(flow.response?.sent?.rawHeaders).not.toContain(`sid=${HEX}; HttpOnly`);
    expect(flow.response?.rawHeaders).toContain('sid=other');
    expect(flow.editedBy).toEqual(['sid = other in requests', 'Remove the cookie sid from responses']);
    expect(recorded.sightings.map(({ direction, id }) => `${direction} ${id}`)).toEqual([
      'request other',
      `response ${HEX}`,
    ]);
  });

  it('can be paused: nothing is recorded, everything is counted, and flows under way are finished', async () => {
    recorded = await startRecordedProxy({ proxy: { scope: (host) => (host === 'localhost' ? 'pass' : 'record') } });
    recorded.capture.pause();
    expect(await ask(recorded, '/1', ['Cookie', 'sid=1'])).toBe('');
    expect(recorded.capture.recording).toBe(false);
    recorded.capture.resume();
    await ask(recorded, '/2');
    expect(recorded.ended().map((f) => new URL(f.request.url).pathname)).toEqual(['/2']);
    expect(recorded.capture.notRecorded).toMatchObject({ paused: 1, scope: 0 });
  });

  it('sees the cookie of a WebSocket handshake, with its bytes and order', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    sockets.on('headers', (headers) => headers.push(`Set-Cookie: sid=${HEX}; Path=/ws`, 'Set-Cookie: two=2'));
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data).toUpperCase())));
    await once(sockets, 'listening');
    const { port: to } = sockets.address() as AddressInfo;
    recorded = await startRecordedProxy();
    const tunnel = request({ port: recorded.proxy.port, method: 'CONNECT', path: `127.0.0.1:${to}`, agent: false });
    tunnel.end();
    const [, socket] = (await once(tunnel, 'connect')) as [unknown, Socket];
    const client = new WebSocket(`ws://127.0.0.1:${to}/chat`, {
      createConnection: () => socket,
      headers: { Cookie: 'sid=old' },
    });
    await once(client, 'open');
    client.send('hello');
    const [message] = await once(client, 'message');
    expect(String(message)).toBe('HELLO');
    client.close();
    const flow = await recorded.flow(({ kind }) => kind === 'websocket');
    expect(flow.response?.status).toBe(101);
    expect(flow.response?.rawHeaders.filter((text) => /=/.test(text) && /^(sid|two)/.test(text))).toEqual([
      `sid=${HEX}; Path=/ws`,
      'two=2',
    ]);
    expect(recorded.sightings.map(({ direction, id }) => `${direction} ${id}`)).toEqual([
      'request old',
      `response ${HEX}`,
      'response 2',
    ]);
    sockets.close();
  });

  it('says why a flow ended early', async () => {
    recorded = await startRecordedProxy();
    await ask(recorded, '/broken');
    const flow = await recorded.flow(() => true);
    expect(flow.error).toBeTruthy();
    expect(flow.response?.body.size).toBe(4);
  });
});

describe('hostOf', () => {
  it.each([
    ['http://Shop.test/', 'shop.test'],
    ['http://shop.test:80', 'shop.test'],
    ['https://shop.test:443/x', 'shop.test'],
    ['https://shop.test:80?x', 'shop.test:80'],
    ['http://user:pw@[::1]:8080/x', '[::1]:8080'],
    ['http://a#b', 'a'],
  ])('%s is %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});
