import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { FLAG, FrameClient, fields, frame, PREFACE, settings, TYPE } from '../../support/proxy/http2-frames.ts';
import { HOST, serve } from '../../support/proxy/lab.ts';
import { Reader, tlsTunnel } from '../../support/proxy/raw-client.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';
import { type RecordedProxy, startRecordedProxy } from '../../support/recorded-proxy.ts';

/*
 * Fields that begin or end with a blank are malformed in HTTP/2, and libraries drop them without a word. Chromium keeps
 * them, and applications set cookies that way, so none of them may vanish behind the proxy.
 */

const { endHeaders, endStream } = FLAG;
const pair = originCertificates();

type Fields = readonly (readonly [name: string, value: string])[];

const ODD: Fields = [
  ['set-cookie', 'a=1 '],
  ['set-cookie', 'b=2; Path=/\t'],
  ['x-lead', ' led'],
  ['x-both', ' \t both \t '],
  ['x-blank', ' '],
  ['x-tabs', '\t\t'],
  ['x-inner', 'a \t b'],
  ['x-latin', 'caf\xe9 '],
  ['x-empty', ''],
];
const trimmed = (list: Fields) => list.map(([name, value]) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')]);

let proxy: RecordedProxy | undefined;
let origin: Server | Awaited<ReturnType<typeof serve>> | undefined;
afterEach(async () => {
  origin?.close();
  await proxy?.close();
});

/** An application that answers over HTTP/2, frame by frame, and shows the fields of its first request. */
async function application(answer: Fields, informational: Fields = [], trailers: Fields = []): Promise<number> {
  const server = createTlsServer({ key: pair.key, cert: pair.cert, ALPNProtocols: ['h2'] }, (socket: TLSSocket) => {
    socket.on('error', () => {});
    socket.write(settings());
    socket.once('data', async (first: Buffer) => {
      socket.pause();
      socket.unshift(first.subarray(PREFACE.length));
      const connection = new FrameClient(socket);
      const request = await connection.until(({ type }) => type === TYPE.headers);
      if (request === undefined) return;
      const { stream } = request;
      if (informational.length > 0) {
        connection.send(frame(TYPE.headers, endHeaders, stream, fields([':status', '103'], ...informational)));
      }
      connection.send(
        frame(TYPE.headers, endHeaders, stream, fields([':status', '200'], ...answer)),
        frame(TYPE.data, trailers.length > 0 ? 0 : endStream, stream, Buffer.from('ok')),
      );
      if (trailers.length > 0)
        connection.send(frame(TYPE.headers, endHeaders | endStream, stream, fields(...trailers)));
    });
  });
  origin = server;
  await once(server.listen(0, HOST), 'listening');
  return (server.address() as AddressInfo).port;
}

const addressOf = ({ proxy: { host, port } }: RecordedProxy) => ({ host, port });

/** Pairs of a flat list, without the pseudo fields. */
function pairs(flat: readonly string[]): string[][] {
  const list: string[][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (!flat[i]?.startsWith(':')) list.push([flat[i] as string, flat[i + 1] as string]);
  }
  return list;
}

/** What a client that is strict about blanks, as node:http2 is by default, gets of one request. */
async function ask(target: number, through: RecordedProxy, headers: Record<string, string> = {}) {
  const socket = await tlsTunnel(addressOf(through), { host: HOST, port: target }, { alpn: ['h2', 'http/1.1'] });
  const session = connectHttp2(`https://${HOST}:${target}`, { createConnection: () => socket });
  session.on('error', () => {});
  const stream = session.request({ ':path': '/odd', ...headers });
  const got: { early: string[][]; head: string[][]; trailers: string[][] } = { early: [], head: [], trailers: [] };
  const raw = (into: 'early' | 'head' | 'trailers') => (_h: IncomingHttpHeaders, _f: number, list?: unknown) => {
    got[into] = pairs(list as string[]);
  };
  stream.on('headers', raw('early'));
  stream.on('response', raw('head'));
  stream.on('trailers', raw('trailers'));
  stream.resume();
  stream.end();
  await once(stream, 'close');
  session.destroy();
  return got;
}

describe('an answer over HTTP/2 with blanks around its values', () => {
  it('reaches an HTTP/2 client whole, and stands in the record as it came', async () => {
    proxy = await startRecordedProxy({ proxy: { tls: () => ({ ca: [pair.ca] }) } });
    const port = await application(ODD, [['link', '</a.css>; rel=preload ']], [['x-sum', '1 ']]);
    const got = await ask(port, proxy);
    expect(got.head).toEqual(trimmed(ODD));
    expect(got.early).toEqual([['link', '</a.css>; rel=preload']]);
    expect(got.trailers).toEqual([['x-sum', '1']]);
    const flow = await proxy.flow(({ request }) => request.url.endsWith('/odd'));
    expect(pairs(flow.response?.rawHeaders ?? [])).toEqual(ODD.map(([...field]) => field));
  });
});

describe('a request over HTTP/2 with blanks around its values', () => {
  const sent: Fields = [
    ['cookie', 'sid=abc '],
    ['x-lead', '\tled'],
    ['x-blank', '  '],
    ['authorization', 'Bearer x\t'],
  ];

  async function sendTo(port: number, through: RecordedProxy) {
    const client = new FrameClient(
      await tlsTunnel(addressOf(through), { host: HOST, port }, { alpn: ['h2', 'http/1.1'] }),
    );
    await client.greet();
    const pseudo: Fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', `${HOST}:${port}`],
      [':path', '/odd'],
    ];
    client.send(frame(TYPE.headers, endHeaders | endStream, 1, fields(...pseudo, ...sent)));
    await client.until(({ flags, stream }) => stream === 1 && (flags & endStream) !== 0);
    client.destroy();
  }

  it('reaches an HTTP/2 application that is strict about them', async () => {
    proxy = await startRecordedProxy({ proxy: { tls: () => ({ ca: [pair.ca] }) } });
    const { createSecureServer } = await import('node:http2');
    const seen: string[][] = [];
    const server = createSecureServer({ key: pair.key, cert: pair.cert });
    server.on('stream', (stream, _headers, _flags, raw?: unknown) => {
      seen.push(...pairs(raw as string[]));
      stream.respond({ ':status': 204 }, { endStream: true });
    });
    origin = server as unknown as Server;
    await once(server.listen(0, HOST), 'listening');
    await sendTo((server.address() as AddressInfo).port, proxy);
    expect(seen).toEqual(trimmed(sent));
    const flow = await proxy.flow(({ request }) => request.url.endsWith('/odd'));
    expect(pairs(flow.request.rawHeaders)).toEqual(sent.map(([...field]) => field));
  });

  it('reaches an application over HTTP/1.1 to which a rule sends it', async () => {
    let head = '';
    const plain = await serve((socket) => {
      const reader = new Reader(socket);
      void reader.head().then((text) => {
        head = text;
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      });
    });
    proxy = await startRecordedProxy({
      before: [
        {
          name: 'elsewhere',
          request: (exchange) => {
            exchange.request.url = `http://${HOST}:${plain.port}/odd`;
          },
        },
      ],
      proxy: { tls: () => ({ ca: [pair.ca] }) },
    });
    const target = await application([]);
    await sendTo(target, proxy);
    plain.close();
    const lines = head.split('\r\n').map((line) => line.split(':').map((part) => part.trim()));
    for (const [name, value] of trimmed(sent)) expect(lines).toContainEqual([name, value]);
  });
});
