import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createUpstream, parseUpstream, type UpstreamSettings } from '../../../../core/proxy/upstream/upstream.ts';
import { HOST, labWithProxy } from '../../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel, tunnel } from '../../../support/proxy/raw-client.ts';
import { originCertificates } from '../../../support/proxy/test-certificates.ts';
import { type RecordedProxy, startRecordedProxy } from '../../../support/recorded-proxy.ts';

const certificates = originCertificates();
const passed: string[] = [];
let origin: Server;
let secureOrigin: Server;
let httpProxy: Server;
let httpsProxy: Server;
let socksProxy: NetServer;
let recorded: RecordedProxy | undefined;

const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

/** An HTTP proxy with a password: forwards absolute-form requests, and makes tunnels. */
function proxyServer(server: Server, name: string): Server {
  const allowed = (header: string | undefined) => header === `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
  server.on('request', (req, res) => {
    if (!allowed(req.headers['proxy-authorization'])) {
      res.writeHead(407).end('who are you');
      return;
    }
    passed.push(`${name} ${req.method} ${req.url}`);
    const { 'proxy-authorization': _, ...headers } = req.headers;
    const onward = request(req.url ?? '', { method: req.method ?? 'GET', headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 0, answer.rawHeaders as never);
      answer.pipe(res);
    });
    req.pipe(onward);
  });
  server.on('connect', (req, client: Socket, head: Buffer) => {
    if (!allowed(req.headers['proxy-authorization'])) {
      client.end('HTTP/1.1 407 Who are you\r\n\r\n');
      return;
    }
    passed.push(`${name} CONNECT`);
    const [host = '', to = ''] = (req.url ?? '').split(':');
    const onward = connect(Number(to), host, () => {
      client.write('HTTP/1.1 200 OK\r\nX-Long: y\r\n\r\n');
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [client, onward]) socket.on('error', () => undefined);
  });
  return server;
}

/** SOCKS5 without a password, for IPv4 addresses and names (RFC 1928). */
function socksServer(): NetServer {
  return createNetServer(async (client) => {
    client.on('error', () => undefined);
    await once(client, 'data');
    client.write(Buffer.from([5, 0]));
    const [ask] = (await once(client, 'data')) as [Buffer];
    const named = ask[3] === 3;
    const length = named ? (ask[4] ?? 0) : 4;
    const at = named ? 5 : 4;
    const host = named ? ask.toString('latin1', at, at + length) : ask.subarray(at, at + 4).join('.');
    passed.push(`socks ${host}`);
    const onward = connect(ask.readUInt16BE(at + length), host, () => {
      client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
      onward.pipe(client).pipe(onward);
    });
    onward.on('error', () => client.destroy());
  });
}

beforeAll(async () => {
  const answer = (_: unknown, res: import('node:http').ServerResponse) => res.end('origin');
  origin = createServer(answer);
  secureOrigin = createSecureServer({ key: certificates.key, cert: certificates.cert }, answer) as unknown as Server;
  httpProxy = proxyServer(createServer(), 'http');
  httpsProxy = proxyServer(
    createSecureServer({ key: certificates.key, cert: certificates.cert }) as unknown as Server,
    'https',
  );
  socksProxy = socksServer();
  await Promise.all(
    [origin, secureOrigin, httpProxy, httpsProxy, socksProxy].map((server) =>
      once(server.listen(0, '127.0.0.1'), 'listening'),
    ),
  );
});
afterAll(() => {
  for (const server of [origin, secureOrigin, httpProxy, httpsProxy]) {
    server.closeAllConnections();
    server.close();
  }
  socksProxy.close();
});
afterEach(async () => {
  await recorded?.close();
  recorded = undefined;
  passed.length = 0;
});

async function through(settings: UpstreamSettings, pac?: string): Promise<{ plain: string; secure: string }> {
  const upstream = createUpstream(settings, {
    clock: Date.now,
    tls: () => ({ ca: [certificates.ca] }),
    ...(pac === undefined ? {} : { fetchPac: async () => pac }),
  });
  recorded = await startRecordedProxy({
    after: [upstream.hooks],
    proxy: { upstream, tls: () => ({ ca: [certificates.ca] }) },
  });
  return { plain: await askPlain(recorded), secure: await askSecure(recorded) };
}

function askPlain({ proxy }: RecordedProxy): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port: proxy.port, path: `http://127.0.0.1:${port(origin)}/p`, agent: false }, (res) => {
      res.setEncoding('utf8').on('data', (text: string) => resolve(`${res.statusCode} ${text.trim()}`));
    })
      .on('error', reject)
      .end();
  });
}

/** GET by a tunnel and TLS; an error page of the proxy comes the same way. */
function askSecure({ proxy, authority }: RecordedProxy): Promise<string> {
  return new Promise((resolve, reject) => {
    const target = `localhost:${port(secureOrigin)}`;
    request({ port: proxy.port, method: 'CONNECT', path: target, agent: false })
      .on('error', reject)
      .on('connect', (_answer, socket) => {
        const tls = connectTls({ socket, servername: 'localhost', ca: [authority.pem, certificates.ca] });
        tls.on('error', reject);
        tls.write(`GET /s HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n\r\n`);
        let text = '';
        tls.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
        tls.on('end', () => resolve(`${text.slice(9, 12)} ${text.split('\r\n\r\n')[1] ?? ''}`));
      })
      .end();
  });
}

const credentials = 'user:pa%20ss@';

describe('createUpstream in a real proxy', () => {
  it('goes through an HTTP proxy: forwarded without TLS, by a tunnel with it', async () => {
    const proxy = parseUpstream(`http://${credentials}127.0.0.1:${port(httpProxy)}`);
    const { plain, secure } = await through({ proxy });
    expect(plain).toBe('200 origin');
    expect(secure).toContain('origin');
    expect(passed).toContain(`http GET http://127.0.0.1:${port(origin)}/p`);
    expect(passed.filter((line) => line === 'http CONNECT').length).toBeGreaterThanOrEqual(1);
  });

  it('goes through an HTTPS proxy', async () => {
    const { plain, secure } = await through({
      proxy: parseUpstream(`https://${credentials}localhost:${port(httpsProxy)}`),
    });
    expect([plain, secure.slice(0, 3)]).toEqual(['200 origin', '200']);
    expect(new Set(passed.map((line) => line.split(' ')[0]))).toEqual(new Set(['https']));
  });

  it('goes through a SOCKS proxy, which looks names up itself', async () => {
    const { plain, secure } = await through({ proxy: parseUpstream(`socks5://127.0.0.1:${port(socksProxy)}`) });
    expect([plain, secure.slice(0, 3)]).toEqual(['200 origin', '200']);
    expect(new Set(passed)).toEqual(new Set(['socks 127.0.0.1', 'socks localhost']));
  });

  it('goes as a PAC script says, with the next way where one fails', async () => {
    const pac = `function FindProxyForURL(url, host) {
      if (isPlainHostName(host) && shExpMatch(url, "https://*")) return "SOCKS5 127.0.0.1:${port(socksProxy)}";
      return "PROXY 127.0.0.1:1; DIRECT";
    }`;
    const { plain, secure } = await through({ proxy: { kind: 'pac', url: 'http://pac.test/p' } }, pac);
    expect([plain, secure.slice(0, 3)]).toEqual(['200 origin', '200']);
    expect(new Set(passed)).toEqual(new Set(['socks localhost']));
  });

  it('leaves out what is to be reached straight, and takes another way for a host of its own', async () => {
    const socks = parseUpstream(`socks5://127.0.0.1:${port(socksProxy)}`);
    await through({
      proxy: parseUpstream('http://127.0.0.1:1'),
      bypass: ['127.0.0.0/8'],
      perHost: [{ hosts: ['localhost'], proxy: socks }],
    });
    expect(new Set(passed)).toEqual(new Set(['socks localhost']));
  });

  it('says what is wrong with the upstream proxy', async () => {
    const { plain } = await through({
      proxy: parseUpstream(`http://127.0.0.1:${port(httpProxy)}`),
      bypass: ['localhost'],
    });
    expect(plain).toMatch(/^502 .*wants a user name and password/);
    expect(recorded?.ended()[0]?.response).toMatchObject({ status: 407, sent: { status: 502 } });
    await recorded?.close();
    const wrong = await through({
      proxy: parseUpstream(`http://a:b@127.0.0.1:${port(httpProxy)}`),
      bypass: ['127.0.0.1'],
    });
    expect(wrong.secure).toMatch(/502.*does not accept the user name and password/s);
    await recorded?.close();
    const gone = await through({ proxy: parseUpstream('socks5://127.0.0.1:1') });
    expect(gone.plain).toMatch(/502.*The upstream proxy 127.0.0.1:1 failed/s);
  });
});

describe('what is not a request, through an HTTP proxy', () => {
  const asLab = (proxyPort: number, scope?: 'blind') =>
    labWithProxy([], {
      upstream: createUpstream(
        { proxy: parseUpstream(`http://${credentials}127.0.0.1:${proxyPort}`) },
        { clock: Date.now },
      ),
      ...(scope === undefined ? {} : { scope: () => scope }),
    });

  it('goes by a tunnel: TLS that is not read, a protocol in which the server speaks first, a WebSocket', async () => {
    const blind = await asLab(port(httpProxy), 'blind');
    const { ports, originCa: ca, proxy } = blind.lab;
    const secure = await tlsTunnel(proxy, { host: HOST, port: ports.tls }, { ca });
    secure.write('GET /c/ok?id=blind HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await new Reader(secure).head()).toMatch(/ 200 /);
    secure.destroy();
    await blind.close();

    const { lab, close } = await asLab(port(httpProxy));
    const first = await tunnel(lab.proxy, { host: HOST, port: lab.ports.serverFirst });
    expect(await new Reader(first).until((text) => text.includes('\n'))).toContain('server speaks first');
    first.destroy();
    const upgraded = await tcp(lab.proxy);
    upgraded.write(
      `GET http://${HOST}:${lab.ports.plain}/c/ws?id=upstream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect(await new Reader(upgraded).head()).toMatch(/ 101 /);
    upgraded.destroy();
    await close();
    expect(passed).toEqual(['http CONNECT', 'http CONNECT', 'http CONNECT']);
  });

  it('is refused where that proxy is the one that asks, instead of a tunnel in a tunnel without end', async () => {
    const settings = { proxy: parseUpstream('http://127.0.0.1:1') };
    const upstream = createUpstream(settings, { clock: Date.now });
    const { lab, proxy, logged, close } = await labWithProxy([], { upstream, scope: () => 'blind' });
    upstream.configure({ proxy: parseUpstream(`http://${proxy.address}`) });
    await expect(tunnel(lab.proxy, { host: HOST, port: lab.ports.tls })).rejects.toThrow(/502/);
    expect(proxy.connections).toBeLessThanOrEqual(2);
    expect(logged).toEqual([]);
    await close();
  });
});

describe('a PAC script', () => {
  const ask = async (script: string) => {
    const upstream = createUpstream({ proxy: { kind: 'pac', script } }, { clock: Date.now, pacTimeLimit: 300 });
    try {
      await upstream.connect({ secure: false, host: 'x.test', port: 80 }, new AbortController().signal);
    } finally {
      upstream.close();
    }
  };

  it('runs in an engine whose bytes the host gives, as in a bundle', async () => {
    let reads = 0;
    const upstream = createUpstream(
      { proxy: { kind: 'pac', script: 'function FindProxyForURL() { return "DIRECT"; }' } },
      {
        clock: Date.now,
        async pacEngine() {
          reads += 1;
          return new Uint8Array(
            await readFile(
              join(dirname(createRequire(import.meta.url).resolve('quickjs-wasi/package.json')), 'quickjs.wasm'),
            ),
          );
        },
      },
    );
    const target = { secure: false, host: '127.0.0.1', port: port(origin) };
    for (let i = 0; i < 2; i += 1) (await upstream.connect(target, new AbortController().signal))?.socket.destroy();
    expect(reads).toBe(1);
  });

  it('reaches names below localhost whatever the resolver says, straight and at proxies', async () => {
    for (const way of ['DIRECT', `SOCKS5 near.localhost:${port(socksProxy)}`]) {
      const script = `function FindProxyForURL() { return "${way}"; }`;
      const upstream = createUpstream({ proxy: { kind: 'pac', script } }, { clock: Date.now });
      const host = way === 'DIRECT' ? 'shop.localhost' : '127.0.0.1';
      const target = { secure: false, host, port: port(origin), tunnel: true };
      const connection = await upstream.connect(target, new AbortController().signal);
      const socket = connection?.socket as Socket | undefined;
      expect(socket?.remoteAddress).toBe('127.0.0.1');
      socket?.destroy();
    }
  });

  describe('read by its address', () => {
    const target = { secure: false, host: '127.0.0.1', port: 80 };
    const from = (answer: (res: ServerResponse) => void) => {
      const server = createServer((_, res) => answer(res));
      return { server, listening: once(server.listen(0, '127.0.0.1'), 'listening') };
    };
    const upstreamOf = (server: Server) =>
      createUpstream({ proxy: { kind: 'pac', url: `http://127.0.0.1:${port(server)}/p` } }, { clock: Date.now });

    it('is there for the others when the one who asked first has gone', async () => {
      let answer: (() => void) | undefined;
      const { server, listening } = from((res) => {
        answer = () => res.end(`function FindProxyForURL() { return "PROXY 127.0.0.1:${port(origin)}"; }`);
      });
      await listening;
      const asked = once(server, 'request');
      const upstream = upstreamOf(server);
      const leaving = new AbortController();
      const first = upstream.connect(target, leaving.signal);
      const second = upstream.connect(target, new AbortController().signal);
      await asked;
      leaving.abort();
      answer?.();
      await expect(first).rejects.toThrow();
      const { socket } = (await second) ?? {};
      expect((socket as Socket | undefined)?.remotePort).toBe(port(origin));
      socket?.destroy();
      server.close();
    });

    it('is read no further than a script can be long', async () => {
      let sent = 0;
      const { server, listening } = from((res) => {
        const more = () => {
          while (!res.destroyed && sent < 64 << 20) {
            sent += 65_536;
            if (!res.write(' '.repeat(65_536))) {
              res.once('drain', more);
              return;
            }
          }
          res.end();
        };
        more();
      });
      await listening;
      await expect(upstreamOf(server).connect(target, new AbortController().signal)).rejects.toThrow(/1 MiB/);
      expect(sent).toBeLessThan(16 << 20);
      server.closeAllConnections();
      server.close();
    });
  });

  it('is stopped when it is hostile', async () => {
    await expect(ask('function FindProxyForURL() { for (;;); }')).rejects.toThrow(/PAC script/);
    await expect(ask('var a = "x"; function FindProxyForURL() { for (;;) a += a; }')).rejects.toThrow(/PAC script/);
    await expect(ask('function FindProxyForURL() { return process.env.HOME; }')).rejects.toThrow(/PAC script/);
    await expect(ask('no script')).rejects.toThrow(/cannot be used/);
  });
});
