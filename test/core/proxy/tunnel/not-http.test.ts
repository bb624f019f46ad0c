import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { HOST, serve } from '../../../support/proxy/lab.ts';
import { Reader, tlsTunnel, tunnel } from '../../../support/proxy/raw-client.ts';
import { originCertificates } from '../../../support/proxy/test-certificates.ts';
import { type RecordedProxy, startRecordedProxy } from '../../../support/recorded-proxy.ts';

/* Protocols that are not HTTP, inside TLS and in plain tunnels: they pass, and stand in the list as tunnels. */

const pair = originCertificates();
let proxy: RecordedProxy;
let application: Awaited<ReturnType<typeof serve>>;
afterEach(async () => {
  application.close();
  await proxy.close();
});

async function setUp(onConnection: (socket: Duplex) => void, secure: boolean) {
  application = await serve(onConnection, secure ? { key: pair.key, cert: pair.cert } : undefined);
  proxy = await startRecordedProxy({ proxy: { tls: () => ({ ca: [pair.ca] }), limits: { peekTimeout: 60 } } });
  const { host, port } = proxy.proxy;
  return { through: { host, port }, target: { host: HOST, port: application.port } };
}

const echo = (socket: Duplex) => socket.on('data', (bytes: Buffer) => socket.write(`you said ${bytes}`));

/** A tunnel in the list, with what passed through it. */
async function listed(port: number, socket: Duplex) {
  socket.destroy();
  const flow = await proxy.flow(({ kind }) => kind === 'tunnel');
  expect(flow.request.url).toBe(`${HOST}:${port}`);
  return { sent: flow.request.body.size, got: flow.response?.body.size };
}

describe.each([
  ['a text protocol with upper-case commands', 'ECHO hello\n'],
  ['the same without a line end', 'ECHO hello'],
  ['one word', 'PING\r\n'],
  ['lower-case commands', 'get key\r\n'],
  ['a greeting', 'EHLO client.example\r\n'],
  ['bytes', '\x00\x01\x02\x03'],
  ['a JSON line', '{"jsonrpc":"2.0"}\n'],
])('%s', (_name, text) => {
  it('passes through TLS', async () => {
    const { through, target } = await setUp(echo, true);
    const socket = await tlsTunnel(through, target, { alpn: [] });
    const reader = new Reader(socket);
    socket.write(text);
    expect(await reader.until((got) => got.endsWith(text))).toBe(`you said ${text}`);
    reader.clear();
    socket.write('more');
    expect(await reader.until((got) => got.endsWith('more'))).toBe('you said more');
    expect((await listed(target.port, socket)).sent).toBe(text.length + 4);
  });

  it('passes through a plain tunnel', async () => {
    const { through, target } = await setUp(echo, false);
    const socket = await tunnel(through, target);
    const reader = new Reader(socket);
    socket.write(text);
    expect(await reader.until((got) => got.endsWith(text))).toBe(`you said ${text}`);
    expect((await listed(target.port, socket)).sent).toBe(text.length);
  });
});

it('lets an application that speaks first inside TLS speak', async () => {
  const { through, target } = await setUp((socket) => {
    socket.write('220 ready\r\n');
    echo(socket);
  }, true);
  const socket = await tlsTunnel(through, target, { alpn: [] });
  const reader = new Reader(socket);
  expect(await reader.until((got) => got.endsWith('\r\n'))).toBe('220 ready\r\n');
  socket.write('EHLO me\r\n');
  expect(await reader.until((got) => got.includes('you said'))).toBe('220 ready\r\nyou said EHLO me\r\n');
  await listed(target.port, socket);
});

it('leaves a client that names another protocol than HTTP to the application, with its own certificate', async () => {
  const { through, target } = await setUp(echo, true);
  const socket = await tlsTunnel(through, target, { alpn: ['imap'], ca: pair.ca });
  const reader = new Reader(socket);
  socket.write('a1 NOOP\r\n');
  expect(await reader.until((got) => got.includes('NOOP'))).toBe('you said a1 NOOP\r\n');
  await listed(target.port, socket);
});

describe('HTTP inside TLS of a client that names no protocol', () => {
  const answer = (socket: Duplex) =>
    void new Reader(socket).head().then(
      (head) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`),
      () => {}, // opened only to see whether the application speaks first
    );

  it.each(['GET', 'FOO', 'M-SEARCH'])('is read (%s)', async (method) => {
    const { through, target } = await setUp(answer, true);
    const socket = await tlsTunnel(through, target, { alpn: [] });
    const reader = new Reader(socket);
    socket.write(`${method} /here HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await reader.until((got) => got.includes('/here'))).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    const flow = await proxy.flow(({ kind }) => kind === 'http');
    expect(flow.request).toMatchObject({ method, url: `https://${HOST}:${target.port}/here` });
  });

  it('is read when it comes long after the handshake', async () => {
    let connections = 0;
    const { through, target } = await setUp((socket) => {
      connections++;
      answer(socket);
    }, true);
    const socket = await tlsTunnel(through, target, { alpn: [] });
    // The proxy has begun to wait for the application, too, when its connection is there.
    await expect.poll(() => connections).toBe(1);
    const reader = new Reader(socket);
    socket.write('GET /late HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await reader.until((got) => got.includes('/late'))).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    expect((await proxy.flow(({ kind }) => kind === 'http')).request.url).toContain('/late');
  });
});
