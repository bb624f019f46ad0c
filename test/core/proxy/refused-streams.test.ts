import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { needs } from '../../support/needs.ts';
import { FLAG, FrameClient, fields, frame, PREFACE, settings, TYPE, uint32 } from '../../support/proxy/http2-frames.ts';
import { HOST, labWithProxy } from '../../support/proxy/lab.ts';
import { tcp, tlsTunnel } from '../../support/proxy/raw-client.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';

/* Streams that an application refuses, or that come after its GOAWAY, are sent again on a connection of their own. */

const pair = originCertificates();
let running: Awaited<ReturnType<typeof labWithProxy>> | undefined;
afterEach(() => running?.close());

async function session(port: number): Promise<ClientHttp2Session> {
  running = await labWithProxy([], { tls: () => ({ ca: [pair.ca] }) });
  const socket = await tlsTunnel(running.lab.proxy, { host: HOST, port }, { alpn: ['h2'] });
  const opened = connectHttp2(`https://${HOST}:${port}`, { createConnection: () => socket });
  opened.on('error', () => {});
  return opened;
}

/** Status and body of one request. */
function ask(through: ClientHttp2Session, path: string, body?: string): Promise<string> {
  return new Promise((resolve) => {
    const stream = through.request({ ':path': path, ':method': body === undefined ? 'GET' : 'POST' });
    let text = '';
    stream.on('response', ({ ':status': status }) => {
      text = `${status} `;
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('error', (error) => resolve(error.message));
    stream.on('close', () => resolve(text));
    stream.end(body);
  });
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

needs('nginx')('nginx that closes a connection after a few requests', () => {
  let nginx: ChildProcess | undefined;
  let folder: string | undefined;
  afterEach(async () => {
    if (nginx?.exitCode === null) {
      nginx.kill();
      await once(nginx, 'exit');
    }
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it.each([1, 2, 3])('answers each of 60 parallel requests (keepalive_requests %d)', async (requests) => {
    folder = mkdtempSync(join(tmpdir(), 'sessionscope-nginx-'));
    const at = (name: string) => join(folder as string, name);
    writeFileSync(at('key.pem'), pair.key);
    writeFileSync(at('cert.pem'), pair.cert);
    const port = await freePort();
    writeFileSync(
      at('nginx.conf'),
      `daemon off; master_process off; pid ${at('pid')}; error_log ${at('error.log')};
      events { worker_connections 1000; }
      http {
        access_log off; client_body_temp_path ${at('body')}; proxy_temp_path ${at('proxy')};
        fastcgi_temp_path ${at('f')}; uwsgi_temp_path ${at('u')}; scgi_temp_path ${at('s')};
        server {
          listen ${HOST}:${port} ssl http2; ssl_certificate ${at('cert.pem')}; ssl_certificate_key ${at('key.pem')};
          keepalive_requests ${requests};
          location / { return 200 "you asked $request_uri"; }
        }
      }`,
    );
    nginx = spawn('nginx', ['-p', folder, '-c', at('nginx.conf'), '-e', at('error.log')], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    await expect
      .poll(
        () =>
          tcp({ host: HOST, port }).then(
            (socket) => !!socket.destroy(),
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    const client = await session(port);
    for (let round = 0; round < 4; round++) {
      const paths = Array.from({ length: 15 }, (_, i) => `/${round}/${i}`);
      const got = await Promise.all(paths.map((path, i) => ask(client, path, i % 3 === 0 ? 'body' : undefined)));
      expect(got).toEqual(paths.map((path) => `200 you asked ${path}`));
    }
    client.destroy();
  });
});

describe('an application that refuses streams', () => {
  /** Refuses the first `refusals` streams it gets, over all connections, by a reset or by GOAWAY. */
  async function refusing(refusals: number, how: 'reset' | 'goaway') {
    let streams = 0;
    const server = createTlsServer({ key: pair.key, cert: pair.cert, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => {});
      socket.write(settings());
      socket.once('data', async (first: Buffer) => {
        socket.pause();
        socket.unshift(first.subarray(PREFACE.length));
        const connection = new FrameClient(socket);
        for (let stream = 1; ; stream += 2) {
          const head = await connection.until((f) => f.type === TYPE.headers && f.stream === stream);
          if (head === undefined) return;
          if (++streams > refusals) {
            connection.send(
              frame(TYPE.headers, FLAG.endHeaders, stream, fields([':status', '200'])),
              frame(TYPE.data, FLAG.endStream, stream, Buffer.from('served')),
            );
          } else if (how === 'reset') connection.send(frame(TYPE.rstStream, 0, stream, uint32(7)));
          else
            connection.send(
              frame(TYPE.goaway, 0, 0, Buffer.concat([uint32(stream - 2 < 0 ? 0 : stream - 2), uint32(0)])),
            );
        }
      });
    });
    await once(server.listen(0, HOST), 'listening');
    return { port: (server.address() as { port: number }).port, close: () => server.close(), seen: () => streams };
  }

  it.each(['reset', 'goaway'] as const)('gets the request again, five times at most (%s)', async (how) => {
    const application = await refusing(5, how);
    const client = await session(application.port);
    expect(await ask(client, '/', 'a body')).toBe('200 served');
    expect(application.seen()).toBe(6);
    client.destroy();
    application.close();
  });

  it('is given up after that', async () => {
    const application = await refusing(100, 'reset');
    const client = await session(application.port);
    expect(await ask(client, '/')).toMatch(/^502 Sessionscope: .*REFUSED_STREAM/);
    expect(application.seen()).toBe(6);
    client.destroy();
    application.close();
  });
});
