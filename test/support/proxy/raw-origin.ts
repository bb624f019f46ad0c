import { createHash } from 'node:crypto';
import { createServer as createTcpServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsPair } from './test-certificates.ts';

/** What an origin saw of one request, and what the check tells it: steps wait for each other instead of for time. */
export class Seen {
  head = '';
  /** Bytes that came together with the head. */
  rest: Buffer = Buffer.alloc(0);
  body = '';
  count = 0;
  opcodes: number[] = [];
  readonly arrived = new Gate();
  /** Body bytes reached the origin. */
  readonly bodyArrived = new Gate();
  readonly closed = new Gate();
  /** Opened by the check: the origin takes its next step. */
  readonly go = new Gate();
  #steps: Gate[] = [];

  /** A gate for the n-th of several steps. */
  step(n: number): Gate {
    while (this.#steps.length <= n) this.#steps.push(new Gate());
    return this.#steps[n] as Gate;
  }
}

/** Something that happens once. */
export class Gate {
  open: () => void = () => {};
  isOpen = false;
  readonly opened: Promise<void> = new Promise((resolve) => {
    this.open = () => {
      this.isOpen = true;
      resolve();
    };
  });
}

type Case = (socket: Duplex, query: URLSearchParams, seen: Seen) => void;

export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const ok = 'Content-Length: 2\r\n\r\nok';
const lastWord = (socket: Duplex, body = 'ok') =>
  socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
const gzipped = Buffer.from('1f8b0800000000000003cb48cdc9c9070086a6103605000000', 'hex');

const answers: Record<string, Case> = {
  ok: (socket) => socket.write(`HTTP/1.1 200 OK\r\n${ok}`),
  cookies: (socket) =>
    socket.write(
      `HTTP/1.1 200 OK\r\nSET-COOKIE: a=1; Path=/\r\nX-Mid: 1\r\nSet-Cookie: theme=dark; Expires=Wed, 09 Jun 2027 10:18:14 GMT\r\nset-cookie: a=3\r\nX-Mid: 2\r\n${ok}`,
    ),
  latin1: (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nSet-Cookie: n=caf\xe9\r\nX-Utf: \xc3\xa9\xe2\x82\xac\r\n${ok}`, 'latin1'),
  trailers: (socket) =>
    socket.write(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n${chunk('hello')}0\r\nX-Sum: abc123\r\n\r\n`,
    ),
  head: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nX-H: 1\r\n\r\n'),
  early: (socket, _query, seen) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
    void seen.go.opened.then(() => socket.write(`HTTP/1.1 200 OK\r\n${ok}`));
  },
  s204: (socket) => socket.write('HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n'),
  s304: (socket) => socket.write('HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 999\r\n\r\n'),
  reason: (socket) => socket.write(`HTTP/1.1 299 Very Special Reason\r\n${ok}`),
  bighead: (socket, query) =>
    socket.write(`HTTP/1.1 200 OK\r\nSet-Cookie: big=${'x'.repeat(Number(query.get('n')))}\r\n${ok}`),
  barelf: (socket) => socket.write('HTTP/1.1 200 OK\nSet-Cookie: lf=1\nContent-Length: 2\n\nok'),
  obsfold: (socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\n${ok}`),
  ctrl: (socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Ctl: a\x01b\r\n${ok}`),
  clte: (socket) =>
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('hello')}0\r\n\r\n`,
    ),
  gzip: (socket) =>
    socket.write(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${gzipped.length}\r\n\r\n`),
        gzipped,
      ]),
    ),
  diecl: (socket, _query, seen) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(5000)}`);
    void seen.go.opened.then(() => socket.destroy());
  },
  diechunk: (socket, _query, seen) => {
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('x'.repeat(5000))}`);
    void seen.go.opened.then(() => socket.destroy());
  },
  diehead: (socket) => socket.destroy(),
  closedelim: (socket, _query, seen) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello ');
    void seen.go.opened.then(() => socket.end('world'));
  },
  stale: (socket, _query, seen) => {
    socket.write(`HTTP/1.1 200 OK\r\n${ok}`);
    void seen.go.opened.then(() => socket.destroy());
  },
};

/** Cases that read what follows the head themselves. */
const dialogues: Record<string, Case> = {
  hang: (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('first')}`);
    const timer = setInterval(() => socket.write(chunk('x')), 100);
    socket.on('close', () => clearInterval(timer));
  },
  hanghead: () => {},
  sse: (socket, _query, seen) => {
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nSet-Cookie: theme=dark\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    void (async () => {
      for (let i = 0; i < 6; i++) {
        await seen.step(i).opened;
        socket.write(chunk(`data: ${i}\n\n`));
      }
      socket.end('0\r\n\r\n');
    })();
  },
  slowup: (socket, _query, seen) => {
    if (seen.rest.length > 0) seen.bodyArrived.open();
    socket.on('data', () => seen.bodyArrived.open());
    void seen.go.opened.then(() => lastWord(socket));
  },
  upload: (socket, query, seen) => {
    const hash = createHash('sha1');
    let size = 0;
    const take = (bytes: Buffer) => {
      hash.update(bytes);
      size += bytes.length;
      if (size >= Number(query.get('n'))) lastWord(socket, hash.digest('hex'));
    };
    take(seen.rest);
    socket.on('data', take);
  },
  chunkup: (socket, _query, seen) => {
    let text = seen.rest.toString('latin1');
    const look = () => {
      if (!/0\r\n([\s\S]*?\r\n)?\r\n$/.test(text)) return;
      seen.body = text;
      lastWord(socket);
    };
    look();
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      look();
    });
  },
  expect: (socket, _query, seen) => {
    let size = seen.rest.length;
    if (size > 0) seen.bodyArrived.open();
    void seen.go.opened.then(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'));
    socket.on('data', (bytes: Buffer) => {
      seen.bodyArrived.open();
      size += bytes.length;
      if (size >= 5) lastWord(socket);
    });
  },
  expect417: (socket) =>
    socket.end('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
  ws: webSocket,
  upgrade: (socket, _query, seen) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo/1\r\nConnection: Upgrade\r\n\r\n');
    if (seen.rest.length > 0) socket.write(`echo:${seen.rest}`);
    socket.on('data', (bytes: Buffer) => socket.write(`echo:${bytes}`));
  },
};

/** Echoes text, binary and ping frames of up to 64 kB, by hand so that every byte is known. */
function webSocket(socket: Duplex, _query: URLSearchParams, seen: Seen): void {
  const key = /sec-websocket-key: *(\S+)/i.exec(seen.head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSet-Cookie: theme=dark\r\n\r\n`,
  );
  let bytes = seen.rest;
  const work = () => {
    while (bytes.length >= 6) {
      let size = (bytes[1] as number) & 127;
      let at = 2;
      if (size === 126) {
        if (bytes.length < 8) return;
        size = bytes.readUInt16BE(2);
        at = 4;
      }
      if (bytes.length < at + 4 + size) return;
      const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + size));
      for (let i = 0; i < size; i++) payload[i] = (payload[i] as number) ^ (bytes[at + (i & 3)] as number);
      const opcode = (bytes[0] as number) & 15;
      bytes = bytes.subarray(at + 4 + size);
      seen.opcodes.push(opcode);
      if (opcode === 8) {
        socket.end(Buffer.from([0x88, 0]));
        return;
      }
      const head = size < 126 ? [size] : [126, size >> 8, size & 255];
      socket.write(Buffer.concat([Buffer.from([0x80 | (opcode === 9 ? 10 : opcode), ...head]), payload]));
    }
  };
  work();
  socket.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    work();
  });
}

/** Origins that answer byte for byte what is written here, over TCP and TLS. */
export class RawOrigin {
  readonly seen = new Map<string, Seen>();
  readonly #sockets = new Set<Duplex>();
  readonly #servers: Server[] = [];

  of(id: string): Seen {
    let seen = this.seen.get(id);
    if (seen === undefined) this.seen.set(id, (seen = new Seen()));
    return seen;
  }

  listenPlain(): Promise<number> {
    return this.#listen(createTcpServer({ noDelay: true }, (socket) => this.#serve(socket)));
  }

  listenTls(pair: TlsPair): Promise<number> {
    const server = createTlsServer({ ...pair, ALPNProtocols: ['http/1.1'] }, (socket) => this.#serve(socket));
    server.on('tlsClientError', () => {});
    return this.#listen(server);
  }

  /** A protocol in which the server speaks first. */
  listenServerFirst(): Promise<number> {
    return this.#listen(
      createTcpServer((socket) => {
        this.#track(socket);
        socket.write('220 server speaks first\r\n');
        socket.on('data', (bytes: Buffer) => socket.write(`echo:${bytes}`));
      }),
    );
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
  }

  #listen(server: Server): Promise<number> {
    this.#servers.push(server);
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #serve(socket: Duplex): void {
    this.#track(socket);
    let bytes: Buffer = Buffer.alloc(0);
    const served: Seen[] = [];
    socket.once('close', () => {
      for (const seen of served) seen.closed.open();
    });
    const onData = (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = bytes.toString('latin1', 0, end + 2);
      const rest = bytes.subarray(end + 4);
      bytes = Buffer.alloc(0);
      const url = new URL(head.split(' ')[1] ?? '/', 'http://x');
      const seen = this.of(url.searchParams.get('id') ?? '?');
      seen.head = head;
      seen.rest = rest;
      seen.count++;
      served.push(seen);
      seen.arrived.open();
      const name = url.pathname.split('/')[2] ?? '';
      const dialogue = dialogues[name];
      if (dialogue !== undefined) {
        socket.off('data', onData);
        dialogue(socket, url.searchParams, seen);
        return;
      }
      const answer = answers[name];
      if (answer === undefined) socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      else answer(socket, url.searchParams, seen);
    };
    socket.on('data', onData);
  }
}
