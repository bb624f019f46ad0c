import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../core/proxy/certificates/authority.ts';
import type { Exchange } from '../../../core/proxy/exchange.ts';
import { startProxy } from '../../../core/proxy/proxy.ts';
import { http2Ask, http2Session } from '../../support/proxy/behaviour-http2.ts';
import { recorder } from '../../support/proxy/counting-hook.ts';
import { CODE, FrameClient, frame, PREFACE, settings, TYPE, uint32 } from '../../support/proxy/http2-frames.ts';
import { HOST, labWithProxy, lines, serve } from '../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel, tunnel, within } from '../../support/proxy/raw-client.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';

let running: Awaited<ReturnType<typeof labWithProxy>>;
afterEach(() => running?.close());
const authority = createAuthority(Date.now());

describe('the port', () => {
  it('falls back to a free one and says so', async () => {
    const taken = await serve(() => {});
    const proxy = await startProxy({ port: taken.port, authority, hooks: [] });
    expect(proxy.preferredPortTaken).toBe(true);
    expect(proxy.port).not.toBe(taken.port);
    expect(proxy.address).toBe(`127.0.0.1:${proxy.port}`);
    await proxy.close();
    taken.close();
    const again = await startProxy({ port: taken.port, authority, hooks: [] });
    expect(again.port).toBe(taken.port);
    expect(again.preferredPortTaken).toBe(false);
    await again.close();
  });

  it('is not opened to the network without a password', async () => {
    await expect(startProxy({ host: '0.0.0.0', authority, hooks: [] })).rejects.toThrow(/needs a password/);
  });

  it('is opened with one, which is asked for and goes no further', async () => {
    running = await labWithProxy([], { host: '0.0.0.0', auth: { user: 'me', password: 'secret' } });
    running.lab.proxy = { host: HOST, port: running.proxy.port };
    const refused = await running.lab.ask('http', 'ok', { until: () => false });
    expect(refused.status).toBe(407);
    expect(refused.text).toContain('Proxy-Authenticate: Basic');
    expect(refused.seen.count).toBe(0);
    await expect(tunnel(running.lab.proxy, { host: HOST, port: running.lab.ports.tls })).rejects.toThrow(/407/);
    const password = `Proxy-Authorization: Basic ${Buffer.from('me:secret').toString('base64')}`;
    const { status, seen } = await running.lab.ask('http', 'ok', { headers: [password] });
    expect(status).toBe(200);
    expect(seen.head).not.toMatch(/proxy-authorization/i);
    const loop = await running.lab.ask('http', 'ok', { headers: [password] });
    expect(loop.status).toBe(200);
  });
});

describe('a second port for other computers', () => {
  const auth = { user: 'guest', password: 'long enough' };
  const shown = `Proxy-Authorization: Basic ${Buffer.from('guest:long enough').toString('base64')}`;
  const lan = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one) => one.family === 'IPv4' && !one.internal)?.address;

  it('asks for the password while the port on loopback goes on without one, until it is closed', async () => {
    running = await labWithProxy([]);
    const { proxy, lab } = running;
    const own = lab.proxy;
    expect(proxy.network).toBeUndefined();
    const opened = await proxy.openToNetwork({ host: '0.0.0.0', port: 0, ...auth });
    expect(proxy.network).toEqual(opened);
    const outside = { host: lan ?? HOST, port: opened.port };
    lab.proxy = outside;
    expect((await lab.ask('http', 'ok', { until: () => false })).status).toBe(407);
    expect((await lab.ask('http', 'ok', { headers: [`${shown}x`], until: () => false })).status).toBe(407);
    expect((await lab.ask('http', 'ok', { headers: [shown] })).status).toBe(200);
    await expect(tunnel(outside, { host: HOST, port: lab.ports.tls })).rejects.toThrow(/407/);
    // Neither port asks the other one.
    const asked = await tcp(own);
    asked.write(`GET http://127.0.0.1:${opened.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await new Reader(asked).head()).split('\r\n')[0]).toContain('508');
    lab.proxy = own;
    expect((await lab.ask('http', 'ok')).status).toBe(200);

    const kept = await tcp(outside);
    const gone = once(kept, 'close');
    const again = await proxy.openToNetwork({
      host: '0.0.0.0',
      port: opened.port,
      user: 'other',
      password: 'another one',
    });
    await gone;
    expect(again).toEqual({ host: '0.0.0.0', port: opened.port, preferredPortTaken: false });
    lab.proxy = outside;
    expect((await lab.ask('http', 'ok', { headers: [shown], until: () => false })).status).toBe(407);
    await proxy.closeToNetwork();
    expect(proxy.network).toBeUndefined();
    await expect(tcp(outside)).rejects.toThrow(/ECONNREFUSED/);
    lab.proxy = own;
    expect((await lab.ask('http', 'ok')).status).toBe(200);
  });

  it('tells nobody the password, and makes those who guess it wait', async () => {
    const seen: Exchange[] = [];
    let now = Date.now();
    running = await labWithProxy([{ name: 'seen', request: (one) => void seen.push(one) }], { clock: () => now });
    const { proxy, lab, logged } = running;
    const { port } = await proxy.openToNetwork({ host: '0.0.0.0', port: 0, ...auth });
    lab.proxy = { host: HOST, port };
    const ask = async (password: string) =>
      (await lab.ask('http', 'ok', { headers: [password, 'Connection: close'], until: () => false })).status;
    expect(await ask(shown)).toBe(200);
    expect(seen[0]?.request.rawHeaders.map((text) => text.toLowerCase())).not.toContain('proxy-authorization');
    for (let i = 0; i < 6; i += 1) expect(await ask(`${shown}${i}`)).toBe(407);
    expect(await ask(shown)).toBe(429);
    expect(logged.filter((line) => line.includes('too many'))).toHaveLength(1);
    now += 1000;
    expect(await ask(shown)).toBe(200);
  });

  it('is not opened without a password, on loopback, or on an address that is not here', async () => {
    running = await labWithProxy([]);
    const { proxy } = running;
    await expect(proxy.openToNetwork({ host: '0.0.0.0', port: 0, user: 'a', password: '' })).rejects.toThrow(
      /password/,
    );
    await expect(proxy.openToNetwork({ host: '127.0.0.1', port: 0, ...auth })).rejects.toThrow(/this computer only/);
    await expect(proxy.openToNetwork({ host: '192.0.2.1', port: 0, ...auth })).rejects.toThrow(/cannot listen/);
    expect(proxy.network).toBeUndefined();
  });

  it('takes a free port where the wished one is in use', async () => {
    running = await labWithProxy([]);
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve));
    const { port } = taken.address() as AddressInfo;
    const opened = await running.proxy.openToNetwork({ host: '0.0.0.0', port, ...auth });
    expect(opened.preferredPortTaken).toBe(true);
    expect(opened.port).not.toBe(port);
    taken.close();
  });
});

describe('on ::1', () => {
  it('is reached there, also for IPv6 hosts in brackets, and knows itself', async () => {
    const site = createServer((_, response) => response.end('six'));
    await new Promise<void>((resolve) => site.listen(0, '::1', resolve));
    const { port } = site.address() as AddressInfo;
    const proxy = await startProxy({ host: '::1', authority, hooks: [] });
    expect(proxy.address).toBe(`[::1]:${proxy.port}`);
    const ask = async (url: string) => {
      const socket = await tcp({ host: '::1', port: proxy.port });
      socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      return new Reader(socket).toEnd();
    };
    expect(await ask(`http://[::1]:${port}/`)).toMatch(/^HTTP\/1\.1 200[\s\S]*six$/);
    expect(await ask(`http://[::1]:${proxy.port}/`)).toMatch(/^HTTP\/1\.1 508/);
    const through = await tunnel({ host: '::1', port: proxy.port }, { host: '[::1]', port });
    through.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await new Reader(through).toEnd()).toMatch(/six$/);
    await proxy.close();
    site.close();
  });
});

describe('never asks itself', () => {
  it.each(['127.0.0.1', 'localhost', '0.0.0.0', '[::ffff:127.0.0.1]', 'loop.localhost'])('as %s', async (name) => {
    running = await labWithProxy([]);
    const socket = await tcp(running.lab.proxy);
    socket.write(`GET http://${name}:${running.proxy.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await new Reader(socket).head()).toMatch(/^HTTP\/1.1 508 /);
    socket.destroy();
  });

  it('nor by a name that only the resolver knows to be its own', async () => {
    running = await labWithProxy([], {
      upstream: {
        connect: (target) =>
          new Promise((resolve, reject) => {
            // What a host file entry does: another name, the same address.
            const socket = connect({ host: HOST, port: target.port });
            socket.once('connect', () => resolve({ socket }));
            socket.once('error', reject);
          }),
      },
    });
    const socket = await tcp(running.lab.proxy);
    socket.write(`GET http://alias.test:${running.proxy.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await new Reader(socket).head()).toMatch(/^HTTP\/1.1 508 /);
    socket.destroy();
  });
});

describe('scope', () => {
  it('blind tunnels TLS unread and tells only that there was one', async () => {
    const seen: Exchange[] = [];
    running = await labWithProxy(
      [{ name: 'seen', request: (one) => void seen.push(one), end: (one) => void seen.push(one) }],
      {
        scope: () => 'blind',
      },
    );
    const { lab } = running;
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls }, { ca: lab.originCa });
    const id = lab.nextId();
    socket.write(`GET /c/ok?id=${id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await new Reader(socket).until((text) => text.endsWith('ok'))).toContain(' 200 ');
    socket.destroy();
    await new Promise<void>((resolve) => {
      const look = () => (seen.length > 0 ? resolve() : setImmediate(look));
      look();
    });
    expect(seen.map(({ kind }) => kind)).toEqual(['tunnel']);
    expect(seen[0]?.request.url).toBe(`${HOST}:${lab.ports.tls}`);
    expect(seen[0]?.requestBytes).toBeGreaterThan(100);
    expect(seen[0]?.responseBytes).toBeGreaterThan(100);
  });

  it('blind tells CONNECT that nothing listens', async () => {
    running = await labWithProxy([], { scope: () => 'blind' });
    await expect(tunnel(running.lab.proxy, { host: HOST, port: running.lab.ports.closed })).rejects.toThrow(/502/);
  });

  it('can change: tunnels that are read and shall not be end, and the other way about; others go on', async () => {
    const seen: string[] = [];
    const other = 'localhost';
    running = await labWithProxy([{ name: 'seen', request: ({ scope }) => void seen.push(scope) }]);
    const { lab, proxy } = running;
    const kept = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls });
    const closed = await tlsTunnel(lab.proxy, { host: other, port: lab.ports.tls });
    const reader = new Reader(kept);
    const ask = async () => {
      await lab.ask('https', 'ok', { socket: kept, reader, until: (text) => text.endsWith('ok') });
      reader.clear();
    };
    await ask();
    const gone = once(closed, 'close');
    proxy.setScope((host) => (host === other ? 'blind' : 'pass'));
    await within('the end of the tunnel', gone);
    await ask();
    expect(seen).toEqual(['record', 'pass']);
    const unread = await tlsTunnel(lab.proxy, { host: other, port: lab.ports.tls }, { ca: lab.originCa });
    const ended = once(unread, 'close');
    proxy.setScope(() => 'record');
    await within('the end of the blind tunnel', ended);
    await ask();
    kept.destroy();
  });

  it('pass is marked for hooks', async () => {
    const scopes: string[] = [];
    running = await labWithProxy([{ name: 'scope', request: ({ scope }) => void scopes.push(scope) }], {
      scope: () => 'pass',
    });
    await running.lab.ask('http', 'ok');
    await running.lab.ask('https', 'ok');
    expect(scopes).toEqual(['pass', 'pass']);
  });
});

describe('upstream', () => {
  it('comes from the given local address', async () => {
    let from: string | undefined;
    const server = createServer((request, response) => {
      from = request.socket.remoteAddress;
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    running = await labWithProxy([], { localAddress: '127.0.0.77' });
    const socket = await tcp(running.lab.proxy);
    const { port } = server.address() as { port: number };
    socket.write(`GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Reader(socket).head();
    expect(from).toBe('127.0.0.77');
    socket.destroy();
    server.close();
  });

  it('speaks absolute-form to an HTTP proxy that a connector names', async () => {
    running = await labWithProxy([], {
      upstream: {
        connect: (target) =>
          target.secure
            ? undefined
            : new Promise((resolve) => {
                const socket = connect({ host: HOST, port: running.lab.ports.plain }, () =>
                  resolve({ socket, forward: { rawHeaders: ['Proxy-Authorization', 'Basic xyz'] } }),
                );
              }),
      },
    });
    const socket = await tcp(running.lab.proxy);
    socket.write('GET http://far.test/c/ok?id=forwarded HTTP/1.1\r\nHost: far.test\r\n\r\n');
    expect(await new Reader(socket).head()).toMatch(/ 200 /);
    const { head } = running.lab.raw.of('forwarded');
    expect(head).toMatch(/^GET http:\/\/far.test\/c\/ok\?id=forwarded HTTP\/1.1\r\n/);
    expect(lines(head, /^proxy-/i)).toEqual(['Proxy-Authorization: Basic xyz']);
    socket.destroy();
  });

  it('reaches IPv6 hosts and localhost', async () => {
    const pair = originCertificates();
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n6'));
    });
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    const { port } = server.address() as { port: number };
    running = await labWithProxy([], { tls: () => ({ ca: [pair.ca] }) });
    for (const host of ['[::1]', 'localhost']) {
      const socket = await tcp(running.lab.proxy);
      socket.write(`GET http://${host}:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect(await new Reader(socket).until((text) => text.endsWith('6'))).toMatch(/ 200 /);
      socket.destroy();
    }
    server.close();
  });

  it('can be told not to verify, by host; and to show a client certificate', async () => {
    const names: unknown[] = [];
    const server = await serve(
      (socket) => {
        names.push((socket as TLSSocket).getPeerCertificate()?.subject?.CN);
        socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
      },
      Object.assign(originCertificates(), { requestCert: true, rejectUnauthorized: false }),
    );
    const own = originCertificates();
    running = await labWithProxy([], { tls: () => ({ verify: false, cert: own.cert, key: own.key }) });
    const socket = await tlsTunnel(running.lab.proxy, { host: HOST, port: server.port });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await new Reader(socket).head()).toMatch(/ 200 /);
    expect(names).toEqual(['origin']);
    socket.destroy();
    server.close();
  });
});

describe('interception', () => {
  it('shows a certificate for the name asked for, signed by the authority, and survives a new authority', async () => {
    running = await labWithProxy([]);
    const { lab, proxy } = running;
    const issuerOf = async (ca: string) => {
      const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls }, { servername: 'shop.test', ca });
      const leaf = new X509Certificate((socket.getPeerCertificate(true) as { raw: Buffer }).raw);
      expect(leaf.checkHost('shop.test')).toBe('shop.test');
      socket.destroy();
    };
    await issuerOf(running.authority.pem);
    const next = createAuthority(Date.now());
    proxy.setAuthority(next);
    await issuerOf(next.pem);
    await expect(issuerOf(running.authority.pem)).rejects.toThrow();
  });

  it('tells when a client does not trust the authority', async () => {
    const failed: string[] = [];
    running = await labWithProxy([{ name: 'tls', clientTlsError: ({ host }) => void failed.push(host) }]);
    const { lab } = running;
    const other = createAuthority(Date.now()).pem;
    await expect(
      tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls }, { servername: 'shop.test', ca: other }),
    ).rejects.toThrow();
    const closed = await tunnel(lab.proxy, { host: HOST, port: lab.ports.tls });
    closed.end(Buffer.from([0x16, 3, 1, 0, 4, 1, 0, 0, 0]));
    await new Reader(closed).toEnd();
    expect(failed).toContain(HOST);
    expect(running.logged.length).toBeGreaterThan(0);
  });

  it('reads HTTP/2 without TLS in a tunnel (gRPC without TLS)', async () => {
    const recording = recorder();
    running = await labWithProxy([recording]);
    const { lab } = running;
    const socket = await tunnel(lab.proxy, { host: HOST, port: lab.ports.http2Plain });
    const session = connectHttp2(`http://${HOST}:${lab.ports.http2Plain}`, { createConnection: () => socket });
    const answer = await http2Ask(
      lab,
      session,
      { ':path': '/trailers', ':method': 'POST' },
      { body: 'abc', trailers: { 'x-req': '1' } },
    );
    session.destroy();
    expect(answer.trailers?.['grpc-status']).toBe('0');
    expect(answer.seen.trailers?.['x-req']).toBe('1');
    expect(recording.counts.requests).toBe(1);
  });

  it('lets a client that has to come back with HTTP/1.1 know so, as Windows servers do for their logins', async () => {
    const pair = originCertificates();
    let asked = 0;
    const origin = createTlsServer({ key: pair.key, cert: pair.cert, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => {});
      socket.write(settings());
      socket.once('data', async (first: Buffer) => {
        socket.pause();
        socket.unshift(first.subarray(PREFACE.length));
        const client = new FrameClient(socket);
        const request = await client.until(({ type }) => type === TYPE.headers);
        if (request === undefined) return;
        asked += 1;
        client.send(frame(TYPE.rstStream, 0, request.stream, uint32(CODE.needsHttp1)));
      });
    });
    await once(origin.listen(0, HOST), 'listening');
    running = await labWithProxy([], { tls: () => ({ ca: [pair.ca] }) });
    const session = await http2Session(running.lab, (origin.address() as AddressInfo).port);
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(CODE.needsHttp1);
    expect(asked).toBe(1);
    session.destroy();
    origin.close();
  });

  it('passes 103 on over HTTP/2', async () => {
    const recording = recorder();
    running = await labWithProxy([recording]);
    const { lab } = running;
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.http2 }, { alpn: ['h2'] });
    const session = connectHttp2(`https://${HOST}:${lab.ports.http2}`, { createConnection: () => socket });
    const id = lab.nextId();
    const stream = session.request({ ':path': `/early?id=${id}` });
    const hint = await new Promise<Record<string, unknown>>((resolve) => stream.once('headers', resolve));
    expect(hint[':status']).toBe(103);
    lab.http2.of(id).go.open();
    const head = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
    expect(head[':status']).toBe(200);
    expect(recording.counts.informational).toBe(1);
    session.destroy();
  });

  it('serves HTTP/1.0 clients, also what comes in chunks', async () => {
    running = await labWithProxy([]);
    const kept = await running.lab.ask('http', 'ok', { version: '1.0' });
    expect(kept.seen.head).toMatch(/ HTTP\/1\.0\r\n/);
    const { text } = await running.lab.ask('http', 'trailers', { version: '1.0', until: () => false });
    expect(text).toMatch(/\r\n\r\nhello$/);
    expect(text).not.toMatch(/transfer-encoding/i);
  });
});

describe('control', () => {
  it('closes every connection at once, and the proxy for good', async () => {
    running = await labWithProxy([]);
    const idle = await tcp(running.lab.proxy);
    const hanging = await running.lab.send('https', 'hanghead');
    await hanging.seen.arrived.opened;
    expect(running.proxy.connections).toBe(2);
    running.proxy.closeAllConnections();
    await new Reader(idle).toEnd();
    await hanging.reader.toEnd();
    await hanging.seen.closed.opened;
    await running.proxy.close();
    await expect(tcp(running.lab.proxy)).rejects.toThrow();
  });

  it('forgets kept upstream connections', async () => {
    running = await labWithProxy([]);
    const first = await running.lab.ask('http', 'ok');
    running.proxy.resetUpstream();
    await first.seen.closed.opened;
    expect((await running.lab.ask('http', 'ok')).status).toBe(200);
  });
});
