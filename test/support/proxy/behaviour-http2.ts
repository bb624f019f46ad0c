import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { Check } from './behaviour-http1.ts';
import type { SeenStream } from './http2-origin.ts';
import { HOST, type Lab, lines } from './lab.ts';
import { Reader, tlsTunnel, within } from './raw-client.ts';

const theme = (lab: Lab) => (lab.edits ? 'EDITED' : 'dark');

/** An HTTP/2 connection through the proxy. */
export async function http2Session(lab: Lab, port: number): Promise<ClientHttp2Session> {
  const socket = await tlsTunnel(lab.proxy, { host: HOST, port }, { alpn: ['h2', 'http/1.1'] });
  assert.equal(socket.alpnProtocol, 'h2');
  const session = connect(`https://${HOST}:${port}`, { createConnection: () => socket });
  session.on('error', () => {});
  return session;
}

export interface StreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly data: string;
  readonly trailers: IncomingHttpHeaders | undefined;
  /** Not 0 when the stream was reset. */
  readonly code: number;
  readonly seen: SeenStream;
}

/** One request on an HTTP/2 connection, up to the close of its stream. */
export function http2Ask(
  lab: Lab,
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders & { ':path': string },
  options: {
    body?: Uint8Array | string;
    trailers?: OutgoingHttpHeaders;
    onData?: (all: string, seen: SeenStream) => void;
  } = {},
): Promise<StreamAnswer> {
  const id = lab.nextId();
  const seen = lab.http2.of(id);
  return within(
    headers[':path'],
    new Promise((resolve) => {
      const stream = session.request(
        { ...headers, ':path': `${headers[':path']}?id=${id}` },
        { endStream: options.body === undefined, waitForTrailers: options.trailers !== undefined },
      );
      let data = '';
      let got: IncomingHttpHeaders = {};
      let trailers: IncomingHttpHeaders | undefined;
      stream.on('response', (head) => {
        got = head;
        options.onData?.(data, seen);
      });
      stream.on('trailers', (fields) => {
        trailers = fields;
      });
      stream.on('data', (bytes: Buffer) => {
        data += bytes.toString('latin1');
        options.onData?.(data, seen);
      });
      if (options.trailers !== undefined)
        stream.once('wantTrailers', () => stream.sendTrailers(options.trailers ?? {}));
      stream.on('error', () => {});
      stream.on('close', () =>
        resolve({ status: Number(got[':status'] ?? 0), headers: got, data, trailers, code: stream.rstCode, seen }),
      );
      if (options.body !== undefined) stream.end(options.body);
    }),
  );
}

async function withSession(
  lab: Lab,
  run: (session: ClientHttp2Session) => Promise<void>,
  port = lab.ports.http2,
): Promise<void> {
  const session = await http2Session(lab, port);
  try {
    await run(session);
  } finally {
    session.destroy();
  }
}

/** HTTP/2 on both sides. */
export const http2Checks: readonly Check[] = [
  {
    name: 'h2.client<->proxy<->origin',
    run: (lab) =>
      withSession(lab, async (session) => {
        const { status, headers } = await http2Ask(lab, session, { ':path': '/basic', cookie: 'theme=dark; a=1' });
        assert.equal(status, 200);
        assert.equal(headers['x-proto'], 'h2');
      }),
  },
  {
    name: 'h2.set-cookie separate, in order',
    run: (lab) =>
      withSession(lab, async (session) => {
        const { headers } = await http2Ask(lab, session, { ':path': '/basic' });
        const want = ['a=1', `theme=${theme(lab)}; Expires=Wed, 09 Jun 2027 10:18:14 GMT`, 'c=3'];
        assert.deepEqual(headers['set-cookie'], want);
      }),
  },
  {
    name: 'h2.cookie crumbs reach origin',
    run: (lab) =>
      withSession(lab, async (session) => {
        const crumbs = ['theme=dark', 'a=1', 'b=2'] as unknown as string;
        const { seen } = await http2Ask(lab, session, { ':path': '/basic', cookie: crumbs });
        assert.equal(seen.headers.cookie, `theme=${theme(lab)}; a=1; b=2`);
      }),
  },
  {
    name: 'h2.trailers both ways (gRPC)',
    run: (lab) =>
      withSession(lab, async (session) => {
        const { trailers, seen, data } = await http2Ask(
          lab,
          session,
          { ':path': '/trailers', ':method': 'POST', te: 'trailers' },
          { body: 'hello', trailers: { 'x-req': '7' } },
        );
        assert.equal(data, 'body:5');
        assert.equal(trailers?.['grpc-status'], '0');
        assert.equal(seen.trailers?.['x-req'], '7');
        assert.equal(seen.headers.te, 'trailers');
      }),
  },
  {
    name: 'h2.client RST -> origin stream reset',
    run: (lab) =>
      withSession(lab, async (session) => {
        const id = lab.nextId();
        const stream = session.request({ ':path': `/hang?id=${id}` });
        stream.on('error', () => {});
        await within('first bytes', new Promise((resolve) => stream.once('data', resolve)));
        stream.close(8);
        await within('close at the origin', lab.http2.of(id).closed.opened);
      }),
  },
  {
    name: 'h2.origin dies mid-body -> client error',
    run: (lab) =>
      withSession(lab, async (session) => {
        const onData = (data: string, seen: SeenStream) => {
          if (data.length >= 5000) seen.go.open();
        };
        assert.notEqual((await http2Ask(lab, session, { ':path': '/die' }, { onData })).code, 0);
      }),
  },
  {
    name: 'h2.5 MB upload intact',
    run: (lab) =>
      withSession(lab, async (session) => {
        const body = randomBytes(5 << 20);
        const { data } = await http2Ask(lab, session, { ':path': '/upload', ':method': 'POST' }, { body });
        assert.equal(data, createHash('sha1').update(body).digest('hex'));
      }),
  },
  {
    name: 'h2.sse streams',
    run: (lab) =>
      withSession(lab, async (session) => {
        // Each event is only sent once the one before has arrived.
        const onData = (data: string, seen: SeenStream) => {
          for (let i = 0; i <= (data.match(/data: /g) ?? []).length; i++) seen.step(i).open();
        };
        const { data } = await http2Ask(lab, session, { ':path': '/sse' }, { onData });
        assert.equal((data.match(/data: /g) ?? []).length, 6);
      }),
  },
  {
    name: 'h2.origin without http/1.1',
    run: (lab) =>
      withSession(
        lab,
        async (session) => {
          assert.equal((await http2Ask(lab, session, { ':path': '/basic' })).headers['x-proto'], 'h2');
        },
        lab.ports.http2Only,
      ),
  },
  {
    name: 'h2.client offers h2, origin only http/1.1',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls }, { alpn: ['h2', 'http/1.1'] });
      assert.equal(socket.alpnProtocol, 'http/1.1', 'the choice of the origin is mirrored');
      const reader = new Reader(socket);
      await lab.send('https', 'ok', { socket, reader });
      assert.match(await reader.head(), /^HTTP\/1.1 200 /);
      socket.destroy();
    },
  },
  {
    name: 'h2.1 origin with h1 client',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.http2 });
      socket.write('GET /basic?id=zz HTTP/1.1\r\nHost: x\r\n\r\n');
      const head = await new Reader(socket).head();
      assert.match(head, /^HTTP\/1.1 200 /);
      assert.equal(lines(head, /^set-cookie/i).length, 3);
      socket.destroy();
    },
  },
];
