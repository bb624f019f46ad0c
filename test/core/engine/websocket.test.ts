import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from 'ws';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';
import { until } from '../../support/until.ts';

/* The `ws` client and server through the proxy, with compression: what a user sees of it over the bridge. */

const COOKIES = ['sid=0123456789abcdef; Path=/; HttpOnly', 'lang=en; path=/;  Secure'];
let folder = '';
let engine: Engine;
let proxyPort = 0;

async function start(): Promise<void> {
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
  proxyPort = (await engine.handlers['app.info']({})).proxy.port;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-ws-'));
  await start();
});

afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function tunnel(target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: target, agent: false })
      .on('connect', (_, socket: Socket) => resolve(socket))
      .on('error', reject)
      .end();
  });
}

/** One WebSocket to an echo server through the proxy, over TLS when a server for it is given. */
async function connected(
  name: string,
  deflate: boolean | PerMessageDeflateOptions,
  over?: ReturnType<typeof createSecureServer>,
) {
  const sockets = new WebSocketServer({
    ...(over === undefined ? { port: 0, host: '127.0.0.1' } : { server: over.listen(0, '127.0.0.1') }),
    perMessageDeflate: deflate,
  });
  await once(over ?? sockets, 'listening');
  sockets.on('headers', (lines) => lines.push(...COOKIES.map((one) => `Set-Cookie: ${one}`)));
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  const { port } = (over?.address() ?? sockets.address()) as AddressInfo;
  const raw = await tunnel(`127.0.0.1:${port}`);
  const pem = (await engine.handlers['certificate.export']({ form: 'pem' })).text ?? '';
  const client = new WebSocket(`${over === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/${name}`, {
    createConnection: () =>
      (over === undefined ? raw : connectTls({ socket: raw, ca: [pem], host: '127.0.0.1' })) as Socket,
    perMessageDeflate: deflate,
  });
  const answered = once(client, 'upgrade') as Promise<[{ rawHeaders: string[] }]>;
  await once(client, 'open');
  const [{ rawHeaders }] = await answered;
  const listed = await until(
    () => engine.handlers['flows.list']({ limit: 100 }),
    ({ flows }) => flows.some(({ url }) => url.endsWith(`/${name}`)),
  );
  const id = listed.flows.find(({ url }) => url.endsWith(`/${name}`))?.id ?? '';
  return {
    client,
    id,
    setCookies: rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1] === 'Set-Cookie'),
    frames: async () => (await engine.handlers['flow.frames']({ id })).frames,
    async echo(message: string | Buffer) {
      client.send(message);
      const [data] = (await once(client, 'message')) as [Buffer];
      return data.toString();
    },
    async close(code: number, reason: string) {
      client.close(code, reason);
      await once(client, 'close');
      sockets.close();
      over?.close();
      await until(
        () => engine.handlers['flow.detail']({ id }),
        ({ detail }) => detail?.flow.endedAt !== undefined,
      );
    },
  };
}

const LONG = 'the data of a session: {"user":42,"cart":[1,2,3]} '.repeat(200);
/** `ws` compresses from here on. */
const everything = { threshold: 0 };

describe('a WebSocket with permessage-deflate', () => {
  it('is shown inflated while it is open and afterwards, with its control frames, and its cookies arrive', async () => {
    const socket = await connected('taken-over', everything);
    expect(socket.setCookies).toEqual(COOKIES);
    expect(await socket.echo(LONG)).toBe(LONG);
    expect(await socket.echo(LONG)).toBe(LONG);
    socket.client.ping('there?');
    await once(socket.client, 'pong');
    expect(await socket.echo(Buffer.from([0, 255, 1]))).toBe(Buffer.from([0, 255, 1]).toString());
    const live = await socket.frames();
    expect(live.slice(0, 4).map(({ from, text, inflated }) => [from, text, inflated])).toEqual([
      ['client', LONG.slice(0, 4_096), LONG.length],
      ['server', LONG.slice(0, 4_096), LONG.length],
      ['client', LONG.slice(0, 4_096), LONG.length],
      ['server', LONG.slice(0, 4_096), LONG.length],
    ]);
    expect(live[0]?.size).toBeLessThan(200);
    // The second time it is little more than a reference to the first.
    expect(live[2]?.size).toBeLessThan((live[0]?.size ?? 0) / 2);
    await socket.close(1001, 'done here');
    const kept = await socket.frames();
    expect(kept.slice(0, live.length)).toEqual(live);
    expect(kept.find(({ opcode }) => opcode === 9)).toMatchObject({
      from: 'client',
      text: 'there?',
      compressed: false,
    });
    expect(kept.find(({ opcode }) => opcode === 10)).toMatchObject({ from: 'server', text: 'there?' });
    expect(kept.filter(({ opcode }) => opcode === 2).map(({ base64, inflated }) => [base64, inflated])).toEqual([
      ['AP8B', 3],
      ['AP8B', 3],
    ]);
    expect(kept.filter(({ opcode }) => opcode === 8)).toMatchObject([
      { from: 'client', close: { code: 1001, reason: 'done here' } },
      { from: 'server', close: { code: 1001 } },
    ]);
    const { detail } = await engine.handlers['flow.detail']({ id: socket.id });
    expect(detail?.setCookies.map(({ raw }) => raw)).toEqual(COOKIES);
  });

  it('is shown inflated over TLS and without takeover of contexts, with messages in fragments', async () => {
    const { key, cert, ca } = originCertificates();
    await engine.handlers['proxy.settings.set']({ tls: [{ host: '127.0.0.1', verify: true, ca }] });
    const socket = await connected(
      'alone',
      { ...everything, clientNoContextTakeover: true, serverNoContextTakeover: true },
      createSecureServer({ key, cert }),
    );
    expect(socket.setCookies).toEqual(COOKIES);
    socket.client.send('in three ', { fin: false });
    socket.client.send('fragments, ', { fin: false });
    socket.client.send('compressed');
    await once(socket.client, 'message');
    await socket.close(1000, '');
    const frames = await socket.frames();
    expect(
      frames.filter(({ from }) => from === 'client').map(({ opcode, text, note }) => [opcode, text, note]),
    ).toEqual([
      [1, 'in three fragments, compressed', undefined],
      [0, undefined, 'part'],
      [0, undefined, 'part'],
      [8, undefined, undefined],
    ]);
    expect(frames.find(({ from, opcode }) => from === 'server' && opcode === 1)?.text).toBe(
      'in three fragments, compressed',
    );
  });

  it('is kept with its frames when the debugger is closed in the middle', async () => {
    const socket = await connected('interrupted', everything);
    expect(await socket.echo(LONG)).toBe(LONG);
    const gone = once(socket.client, 'close');
    await engine.close();
    await gone;
    await start();
    const { detail } = await engine.handlers['flow.detail']({ id: socket.id });
    expect(detail?.flow.endedAt).toBeDefined();
    expect((await socket.frames()).map(({ from, inflated }) => [from, inflated]).slice(0, 2)).toEqual([
      ['client', LONG.length],
      ['server', LONG.length],
    ]);
  });
});
