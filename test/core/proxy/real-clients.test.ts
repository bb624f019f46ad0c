import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { WebSocketFrame } from '../../../core/proxy/hooks.ts';
import { needs } from '../../support/needs.ts';
import { recorder } from '../../support/proxy/counting-hook.ts';
import { HOST, labWithProxy, serve } from '../../support/proxy/lab.ts';
import { tlsTunnel, tunnel } from '../../support/proxy/raw-client.ts';

const run = promisify(execFile);
const recording = recorder();
const frames: WebSocketFrame[] = [];
let running: Awaited<ReturnType<typeof labWithProxy>>;
let folder: string;
let authorityFile: string;
let proxyUrl: string;

beforeAll(async () => {
  running = await labWithProxy([
    recording,
    { name: 'frames', webSocketFrame: (_exchange, frame) => void frames.push(frame) },
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'clients-'));
  authorityFile = path.join(folder, 'authority.pem');
  writeFileSync(authorityFile, running.authority.pem);
  proxyUrl = `http://${running.proxy.address}`;
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true, force: true });
});

needs('curl')('curl', () => {
  const curl = (...args: string[]) => run('curl', ['-sS', '-i', '-x', proxyUrl, '--noproxy', '', ...args]);

  it('gets pages over HTTP with all cookies apart', async () => {
    const { stdout } = await curl(`http://${HOST}:${running.lab.ports.plain}/c/cookies?id=curl1`);
    expect(stdout.match(/^set-cookie: /gim)).toHaveLength(3);
    expect(running.lab.raw.of('curl1').head).not.toMatch(/proxy-connection/i);
  });

  it.each([
    ['--http1.1', '1.1'],
    ['--http2', '2'],
  ])('trusts the authority over TLS with %s', async (option, version) => {
    const url = `https://${HOST}:${running.lab.ports.http2}/basic?id=curl`;
    const { stdout } = await curl(option, '--cacert', authorityFile, '-w', '%{http_version}', url);
    expect(stdout).toMatch(/^HTTP\/1.1 200 Connection Established/);
    expect(stdout.match(/^set-cookie: /gim)).toHaveLength(3);
    expect(stdout.endsWith(version)).toBe(true);
  });

  it('posts, with Expect, and gets compressed and chunked answers', async () => {
    const file = path.join(folder, 'body');
    writeFileSync(file, Buffer.alloc(3_000_000, 'x'));
    const url = `http://${HOST}:${running.lab.ports.plain}/c/upload?id=curl2&n=3000000`;
    const { stdout } = await curl('--data-binary', `@${file}`, '-H', 'Expect:', url);
    expect(stdout).toMatch(/[0-9a-f]{40}$/);
    const gzip = await curl('--compressed', `http://${HOST}:${running.lab.ports.plain}/c/gzip?id=curl3`);
    expect(gzip.stdout).toMatch(/hello$/);
    const chunks = await curl(`http://${HOST}:${running.lab.ports.plain}/c/trailers?id=curl4`);
    expect(chunks.stdout).toContain('hello');
  });
});

needs('python')("Python's http.client", () => {
  it('keeps a connection, through CONNECT and without', async () => {
    const script = `
import http.client, ssl, sys
host, port, plain, secure, ca = sys.argv[1:6]
c = http.client.HTTPConnection(host, int(port))
for i in range(3):
    c.request('GET', 'http://127.0.0.1:%s/c/cookies?id=py%d' % (plain, i), headers={'Cookie': 'theme=dark'})
    r = c.getresponse(); r.read(); print(r.status, len(r.headers.get_all('Set-Cookie')))
context = ssl.create_default_context(cafile=ca)
raw = http.client.HTTPConnection(host, int(port))
raw.set_tunnel('127.0.0.1', int(secure))
raw.connect()
raw.sock = context.wrap_socket(raw.sock, server_hostname='127.0.0.1')
for i in range(3):
    raw.request('POST', '/c/upload?id=pytls%d&n=100000' % i, body=b'x' * 100000)
    r = raw.getresponse(); print(r.status, len(r.read()))
    break
`;
    const { port } = running.proxy;
    const { plain, tls } = running.lab.ports;
    const { stdout } = await run('/usr/bin/python3', [
      '-c',
      script,
      HOST,
      String(port),
      String(plain),
      String(tls),
      authorityFile,
    ]);
    expect(stdout.trim().split('\n')).toEqual(['200 3', '200 3', '200 3', '200 40']);
  });
});

/** The tools of the nghttp2 project know no proxy: a port of the test's own sends CONNECT for them. */
needs('nghttp')('nghttp and h2load', () => {
  let through: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    through = await serve((client) => {
      client.pause();
      const wire = tunnel(running.lab.proxy, { host: HOST, port: running.lab.ports.http2 });
      wire.then((socket) => client.pipe(socket).pipe(client)).catch(() => client.destroy());
    });
  });
  afterAll(() => through.close());

  it('nghttp gets a page, trailers and an upload', async () => {
    const base = `https://${HOST}:${through.port}`;
    const page = await run('nghttp', ['-v', '--no-verify-peer', `${base}/basic?id=nghttp`]);
    expect(page.stdout).toMatch(/The negotiated protocol: h2/);
    expect(page.stdout.match(/recv \(stream_id=\d+\) set-cookie: /g)).toHaveLength(3);
    expect(page.stdout).toMatch(/recv \(stream_id=\d+\) :status: 200/);
    const file = path.join(folder, 'upload');
    writeFileSync(file, Buffer.alloc(1_000_000, 'x'));
    const args = ['-d', file, '--no-verify-peer', '-H', ':method: POST', '--trailer', 'x-sum: 1'];
    expect((await run('nghttp', [...args, `${base}/trailers?id=nghttp2`])).stdout).toBe('body:1000000');
    expect(running.lab.http2.of('nghttp2').trailers).toMatchObject({ 'x-sum': '1' });
  });

  it('h2load makes 2,000 requests on 4 connections with 20 streams each', async () => {
    const url = `https://${HOST}:${through.port}/basic?id=h2load`;
    const { stdout } = await run('h2load', ['-n', '2000', '-c', '4', '-m', '20', url]);
    expect(stdout).toContain('2000 succeeded, 0 failed, 0 errored, 0 timeout');
    expect(stdout).toContain('status codes: 2000 2xx');
  });
});

/** The library most servers and clients on Node use. */
needs()('ws', () => {
  it.each([
    ['ws', false],
    ['wss', true],
  ] as const)('%s through CONNECT, with compression, long messages and close', async (scheme, secure) => {
    const server = secure ? createHttps(running.lab.pair) : createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: true });
    sockets.on('headers', (headers) => headers.push('Set-Cookie: theme=dark'));
    sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    const at = { host: HOST, port: (server.address() as { port: number }).port };
    const wire = secure ? await tlsTunnel(running.lab.proxy, at) : await tunnel(running.lab.proxy, at);
    const before = frames.length;
    const client = new WebSocket(`${scheme}://${HOST}:${at.port}/chat`, { createConnection: () => wire as never });
    setImmediate(() => wire.resume()); // it was paused after CONNECT
    let cookie: string[] | undefined;
    client.on('upgrade', (response) => {
      cookie = response.headers['set-cookie'];
    });
    await new Promise((resolve) => client.once('open', resolve));
    for (const message of ['hi', 'x'.repeat(200_000)]) {
      client.send(message);
      const got = await new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
      expect(got).toBe(message);
    }
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.close(1000, 'bye');
    expect(await closed).toBe(1000);
    expect(cookie).toEqual(['theme=dark']);
    const seen = frames.slice(before);
    expect(seen.filter(({ opcode }) => opcode === 1)).toHaveLength(4);
    expect(seen.filter(({ opcode, payload }) => opcode === 8 && payload.toString('latin1', 2) === 'bye')).toHaveLength(
      2,
    );
    sockets.close();
    server.close();
  });
});
