import { connect as connectHttp2 } from 'node:http2';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { http2Ask } from './behaviour-http2.ts';
import { HOST, type Lab, labWithProxy, serve } from './lab.ts';
import { ODD_ANSWERS } from './odd-answers.ts';
import { type Address, tcp, tlsTunnel, tunnel } from './raw-client.ts';
import { chunk } from './raw-origin.ts';

/** A small seeded generator (mulberry32): a run can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

const SPICE = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '0',
  'ffffffff',
  '-1',
  'chunked',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: upgrade\r\nUpgrade: websocket\r\n',
  'Expect: 100-continue\r\n',
  '\xff\xfe',
  'A'.repeat(5000),
];

/** Some bytes changed, taken out, doubled, or strange ones put in. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let out = Buffer.from(bytes);
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    const at = random.below(out.length + 1);
    switch (random.below(6)) {
      case 0:
        if (at < out.length) out[at] = random.below(256);
        break;
      case 1:
        if (at < out.length) out[at] = (out[at] as number) ^ (1 << random.below(8));
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + random.below(20))]);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), out.subarray(Math.max(0, at - random.below(40)))]);
        break;
      case 4:
        out = Buffer.concat([out.subarray(0, at), Buffer.from(random.pick(SPICE), 'latin1'), out.subarray(at)]);
        break;
      default:
        out = out.subarray(0, at);
    }
  }
  return out;
}

/** Sends bytes in pieces, waits a moment for the other side to close, then closes. */
async function throwAt(socket: Duplex, bytes: Buffer, random: Random): Promise<void> {
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.below(2) === 0 ? 40 : bytes.length);
    if (!socket.destroyed) socket.write(bytes.subarray(at, at + size));
    at += size;
    if (random.below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const timer = setTimeout(() => socket.destroy(), 30 + random.below(60));
  await closed;
  clearTimeout(timer);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
// :method GET, :scheme https, :path /, and a literal field (RFC 7541)
const REQUEST_FIELDS = Buffer.from([0x82, 0x87, 0x84, 0x41, 1, 0x78, 0x00, 1, 0x61, 1, 0x62]);

/** A head whose fields have names and values that a strict library drops or refuses. */
function oddFields(random: Random, server: boolean): Buffer {
  const names = [
    'x',
    'set-cookie',
    'cookie',
    'X-Upper',
    'x y',
    '',
    'connection',
    'te',
    'content-length',
    'x\xe9',
    ':odd',
  ];
  const values = [' 1', '1 ', '\t', '', 'a=1; Path=/ ', 'a\x01b', 'a\0b', 'a\r\nb', '\x7f', '-1', '\xff'];
  const literal = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
  const fields = Array.from({ length: 1 + random.below(6) }, () =>
    Buffer.concat([
      Buffer.from([random.pick([0, 0x10, 0x40])]),
      literal(random.pick(names)),
      literal(random.pick(values)),
    ]),
  );
  return Buffer.concat([server ? Buffer.from([0x88]) : REQUEST_FIELDS, ...fields]);
}

function http2Frames(random: Random, server: boolean): Buffer {
  const kinds: (() => Buffer)[] = [
    () => frame(4, random.below(2), 0, Buffer.alloc(6 * random.below(4), random.below(256))),
    () => frame(1, random.pick([4, 5, 0, 1]), 1 + 2 * random.below(4), server ? Buffer.from([0x88]) : REQUEST_FIELDS),
    () => frame(1, random.pick([4, 5]), 1 + 2 * random.below(4), oddFields(random, server)),
    () => frame(0, random.below(2), 1 + 2 * random.below(4), Buffer.alloc(random.below(200), 0x61)),
    () => frame(9, random.pick([0, 4]), 1, REQUEST_FIELDS),
    () => frame(3, 0, 1 + 2 * random.below(4), Buffer.from([0, 0, 0, random.below(14)])),
    () => frame(6, random.below(2), 0, Buffer.alloc(8, 1)),
    () => frame(8, 0, random.below(4), Buffer.from([0x7f, 0xff, 0xff, random.below(256)])),
    () => frame(7, 0, 0, Buffer.alloc(8 + random.below(20))),
    () => frame(2, 0, 1, Buffer.alloc(5)),
    () => frame(5, 4, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), REQUEST_FIELDS])),
    () =>
      frame(random.below(256), random.below(256), random.below(8), Buffer.alloc(random.below(60), random.below(256))),
  ];
  const frames = Array.from({ length: 1 + random.below(8) }, () => random.pick(kinds)());
  const all = Buffer.concat([...(server ? [] : [PREFACE]), frame(4, 0, 0, Buffer.alloc(0)), ...frames]);
  return random.below(2) === 0 ? all : mutate(all, random);
}

export interface FuzzResult {
  readonly rounds: Readonly<Record<string, number>>;
  /** Client connections the engine still holds after everyone has gone; 0 is right. */
  readonly left: number;
  /** Requests of well-behaved clients in between, and how many failed; 0 is right. */
  readonly probes: number;
  readonly failedProbes: number;
  /** Begun exchanges that never ended; 0 is right. */
  readonly unended: number;
  readonly logLines: number;
}

/** Throws broken input at an engine from both sides for some time and watches that nothing else suffers. */
export async function fuzzProxy(options: { seconds: number; seed: number; only?: string }): Promise<FuzzResult> {
  let begun = 0;
  let ended = 0;
  const running = await labWithProxy(
    [
      {
        name: 'count',
        request: () => void begun++,
        tunnel: () => void begun++,
        end: () => void ended++,
        webSocketFrame: () => {},
        bodyChunk: () => {},
      },
    ],
    {
      limits: {
        headTimeout: 3000,
        handshakeTimeout: 3000,
        peekTimeout: 50,
        connectTimeout: 2000,
        halfClosed: 300,
        clientIdle: 1000,
      },
    },
  );
  const { lab, proxy } = running;
  const random = new Random(options.seed);
  const hostile = await hostileOrigins(lab, random);
  const rounds: Record<string, number> = {};
  let probes = 0;
  let failedProbes = 0;
  const kinds = Object.entries(attacks).filter(([name]) => options.only === undefined || name === options.only);
  const end = Date.now() + options.seconds * 1000;
  const worker = async () => {
    while (Date.now() < end) {
      const [name, attack] = random.pick(kinds);
      rounds[name] = (rounds[name] ?? 0) + 1;
      await attack(lab, hostile, random).catch(() => {}); // that it is refused is fine
      if (random.below(20) === 0) {
        probes++;
        const answer = await lab.ask(random.pick(['http', 'https'] as const), 'ok').catch(() => undefined);
        if (answer?.status !== 200) failedProbes++;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  hostile.close();
  for (let i = 0; i < 500 && (proxy.connections > 0 || ended < begun); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const result = {
    rounds,
    left: proxy.connections,
    probes,
    failedProbes,
    unended: begun - ended,
    logLines: running.logged.length,
  };
  await running.close();
  return result;
}

interface Hostile {
  readonly plain: Address;
  readonly tls: Address;
  readonly http2: Address;
  close(): void;
}

async function hostileOrigins(lab: Lab, random: Random): Promise<Hostile> {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\n\r\nhello',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('hello')}0\r\nX: 1\r\n\r\n`,
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi',
    'HTTP/1.0 200 OK\r\n\r\nuntil the end',
    ...ODD_ANSWERS.map(({ bytes }) => bytes),
  ];
  const onConnection = (socket: Duplex) => {
    socket.on('data', () => {
      socket.write(mutate(Buffer.from(random.pick(answers), 'latin1'), random));
      const next = random.below(9);
      if (next < 3) socket.end();
      else if (next < 5) socket.destroy();
    });
  };
  const plain = await serve(onConnection);
  const tls = await serve(onConnection, lab.pair);
  const sockets = new Set<Duplex>();
  const http2 = createTlsServer({ ...lab.pair, ALPNProtocols: ['h2'] }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.write(http2Frames(random, true)));
    socket.on('data', () => {
      if (random.below(2) === 0) socket.write(http2Frames(random, true));
      if (random.below(6) === 0) socket.destroy();
    });
  });
  http2.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => http2.listen(0, HOST, resolve));
  return {
    plain: { host: HOST, port: plain.port },
    tls: { host: HOST, port: tls.port },
    http2: { host: HOST, port: (http2.address() as { port: number }).port },
    close: () => {
      plain.close();
      tls.close();
      for (const socket of sockets) socket.destroy();
      http2.close();
    },
  };
}

const attacks: Record<string, (lab: Lab, hostile: Hostile, random: Random) => Promise<void>> = {
  'request heads': async (lab, _hostile, random) => {
    const id = lab.nextId();
    const seeds = [
      `GET ${lab.target('http', `/c/ok?id=${id}`)} HTTP/1.1\r\nHost: x\r\nCookie: a=1; b=2\r\n\r\n`,
      `POST ${lab.target('http', `/c/ok?id=${id}`)} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`,
      `CONNECT ${HOST}:${lab.ports.plain} HTTP/1.1\r\nHost: x\r\n\r\nGET /c/ok?id=${id} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET ${lab.target('http', `/c/ws?id=${id}`)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n\x81\x82abcdef`,
      `GET ${lab.target('http', `/c/ok?id=${id}`)} HTTP/1.0\r\n\r\nGET ${lab.target('http', `/c/ok?id=${id}`)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    ];
    await throwAt(await tcp(lab.proxy), mutate(Buffer.from(random.pick(seeds), 'latin1'), random), random);
  },
  chunking: async (lab, _hostile, random) => {
    const head = `POST ${lab.target('http', `/c/chunkup?id=${lab.nextId()}`)} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const body = mutate(Buffer.from(`${chunk('abc')}${chunk('x'.repeat(300))}0\r\nX: 1\r\n\r\n`), random);
    await throwAt(await tcp(lab.proxy), Buffer.concat([Buffer.from(head), body]), random);
  },
  'TLS records': async (lab, _hostile, random) => {
    const socket = await tunnel(lab.proxy, { host: HOST, port: lab.ports.tls });
    const hello = Buffer.concat([
      Buffer.from([0x16, 3, 1, 0, 70, 1, 0, 0, 66, 3, 3]),
      Buffer.alloc(32, 7),
      Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, 23, 0, 16, 0, 5, 0, 3, 2, 0x68, 0x32, 0, 0, 0, 10, 0, 8, 0, 0, 5]),
      Buffer.from('a.tes'),
    ]);
    await throwAt(socket, mutate(hello, random), random);
  },
  'TLS that is not HTTP': async (lab, _hostile, random) => {
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.tls }, { alpn: [] });
    const seeds = [
      'ECHO hello\n',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      '\r\n\r\nPING\r\n',
      '\x16\x03\x01',
      'PRI * HTTP/2.0\r\n',
    ];
    await throwAt(socket, mutate(Buffer.from(random.pick(seeds), 'latin1'), random), random);
  },
  'HTTP/2 frames of a client': async (lab, _hostile, random) => {
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.http2 }, { alpn: ['h2'] });
    await throwAt(socket, http2Frames(random, false), random);
  },
  'HTTP/2 frames of an application': async (lab, hostile) => {
    const socket = await tlsTunnel(lab.proxy, hostile.http2, { alpn: ['h2', 'http/1.1'] });
    if (socket.alpnProtocol === 'h2') {
      const session = connectHttp2(`https://${HOST}:${hostile.http2.port}`, { createConnection: () => socket });
      session.on('error', () => {});
      const patience = setTimeout(() => session.destroy(), 100);
      await http2Ask(lab, session, { ':path': '/x' }).catch(() => {});
      clearTimeout(patience);
      session.destroy();
    }
    socket.destroy();
  },
  'answers of an application': async (lab, hostile, random) => {
    const secure = random.below(2) === 0;
    const socket = secure ? await tlsTunnel(lab.proxy, hostile.tls) : await tcp(lab.proxy);
    const origin = secure ? '' : `http://${HOST}:${hostile.plain.port}`;
    const upgrade = random.below(4) === 0 ? 'Connection: Upgrade\r\nUpgrade: websocket\r\n' : '';
    const request = `${random.pick(['GET', 'HEAD', 'POST'])} ${origin}/ HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`;
    await throwAt(socket, Buffer.from(request.repeat(1 + random.below(2))), random);
  },
};
