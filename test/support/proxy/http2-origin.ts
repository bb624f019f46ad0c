import { createHash } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  constants,
  createServer as createHttp2,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Server } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { Gate } from './raw-origin.ts';
import type { TlsPair } from './test-certificates.ts';

const COOKIES = ['a=1', 'theme=dark; Expires=Wed, 09 Jun 2027 10:18:14 GMT', 'c=3'];

/** What an HTTP/2 origin saw of one request. */
export class SeenStream {
  headers: IncomingHttpHeaders = {};
  trailers: IncomingHttpHeaders | undefined = undefined;
  readonly arrived = new Gate();
  readonly closed = new Gate();
  readonly go = new Gate();
  #steps: Gate[] = [];

  step(n: number): Gate {
    while (this.#steps.length <= n) this.#steps.push(new Gate());
    return this.#steps[n] as Gate;
  }
}

/** Origins that speak HTTP/2: beside HTTP/1.1, alone, and without TLS. */
export class Http2TestOrigin {
  readonly seen = new Map<string, SeenStream>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<{ destroy(): void }>();

  of(id: string): SeenStream {
    let seen = this.seen.get(id);
    if (seen === undefined) this.seen.set(id, (seen = new SeenStream()));
    return seen;
  }

  /** HTTP/2 and HTTP/1.1 by ALPN. */
  listenBoth(pair: TlsPair): Promise<number> {
    const http2 = createHttp2();
    http2.on('stream', this.#onStream);
    http2.on('sessionError', () => {});
    const http1 = createHttp((_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, ['X-Proto', 'h1', ...COOKIES.flatMap((cookie) => ['Set-Cookie', cookie])]);
      response.end('ok');
    });
    // By hand: a 'request' listener on an HTTP/2 server brings in the layer that answers trailers itself.
    const server = createTlsServer({ ...pair, ALPNProtocols: ['h2', 'http/1.1'] }, (socket: TLSSocket) => {
      socket.on('error', () => {});
      (socket.alpnProtocol === 'h2' ? http2 : http1).emit('connection', socket);
    });
    server.on('tlsClientError', () => {});
    return this.#listen(server);
  }

  listenHttp2Only(pair: TlsPair): Promise<number> {
    const server = createSecureServer({ ...pair, allowHTTP1: false });
    server.on('stream', this.#onStream);
    server.on('sessionError', () => {});
    return this.#listen(server as unknown as Server);
  }

  /** Without TLS, by prior knowledge (RFC 9113 section 3.3). */
  listenPlain(): Promise<number> {
    const server = createHttp2();
    server.on('stream', this.#onStream);
    server.on('sessionError', () => {});
    return this.#listen(server as unknown as Server);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
  }

  readonly #onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const url = new URL(String(headers[':path']), 'http://x');
    const seen = this.of(url.searchParams.get('id') ?? '?');
    seen.headers = headers;
    stream.on('error', () => {});
    stream.on('close', () => seen.closed.open());
    seen.arrived.open();
    const answer =
      streams[url.pathname] ??
      ((missing: ServerHttp2Stream) => missing.respond({ ':status': 404 }, { endStream: true }));
    answer(stream, seen);
  };
}

const streams: Record<string, (stream: ServerHttp2Stream, seen: SeenStream) => void> = {
  '/basic': (stream) => {
    stream.respond({ ':status': 200, 'set-cookie': COOKIES, 'x-proto': 'h2' });
    stream.end('ok');
  },
  '/trailers': (stream, seen) => {
    let size = 0;
    stream.on('data', (bytes: Buffer) => {
      size += bytes.length;
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      seen.trailers = trailers;
    });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-sum': 'z' }));
      stream.end(`body:${size}`);
    });
  },
  '/hang': (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('first');
  },
  '/die': (stream, seen) => {
    stream.respond({ ':status': 200, 'content-length': 100000 });
    stream.write('x'.repeat(5000));
    void seen.go.opened.then(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  },
  '/upload': (stream) => {
    const hash = createHash('sha1');
    stream.on('data', (bytes: Buffer) => hash.update(bytes));
    stream.on('end', () => {
      if (stream.destroyed) return; // a reset ends the readable side too
      stream.respond({ ':status': 200 });
      stream.end(hash.digest('hex'));
    });
  },
  '/early': (stream, seen) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>; rel=preload' });
    void seen.go.opened.then(() => {
      stream.respond({ ':status': 200 });
      stream.end('ok');
    });
  },
  '/sse': (stream, seen) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream', 'set-cookie': 'theme=dark' });
    void (async () => {
      for (let i = 0; i < 6; i++) {
        await seen.step(i).opened;
        stream.write(`data: ${i}\n\n`);
      }
      stream.end();
    })();
  },
};
