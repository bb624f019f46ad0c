import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import type { Duplex } from 'node:stream';
import { HOST, labWithProxy, serve } from './lab.ts';
import { type Address, tcp, tlsTunnel } from './raw-client.ts';

/** Requests on one connection before its client opens another. */
const PER_CONNECTION = 200;
/** One request in so many is given up in the middle of its answer. */
const GIVE_UP = 97;
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: sid=abc; Path=/\r\nContent-Length: 2\r\n\r\nok`;
const CHUNKED = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;

/** What is held at one time. */
export interface Held {
  readonly requests: number;
  /** Client connections of the proxy. */
  readonly connections: number;
  /** Sockets, servers and timers of the whole process, which is client and application, too. */
  readonly handles: number;
  /** After a full collection, in MB. */
  readonly heapMB: number;
  readonly rssMB: number;
}

export interface SoakResult {
  readonly requests: number;
  readonly failed: number;
  /** Begun exchanges that never ended; 0 is right. */
  readonly unended: number;
  /** Before, after each part, and at the end when all clients have gone. */
  readonly held: readonly Held[];
}

/**
 * Many requests of clients that behave and of some that leave in the middle, over HTTP, intercepted HTTPS and HTTP/2,
 * in parts; nothing may be held for those that are over.
 * @param options.gc collects in full, so that the heap can be compared.
 */
export async function soakProxy(options: { requests: number; parts: number; gc: () => void }): Promise<SoakResult> {
  let begun = 0;
  let ended = 0;
  const count = { name: 'count', request: () => void begun++, end: () => void ended++ };
  const { lab, proxy, close } = await labWithProxy([count], { limits: { upstreamIdle: 500, clientIdle: 5000 } });
  const plain = await serve(answerAll);
  const secure = await serve(answerAll, lab.pair);
  const counts = { done: 0, failed: 0 };
  const held: Held[] = [];
  const note = async () => {
    for (let i = 0; i < 200 && (proxy.connections > 0 || ended < begun); i++) await rest(20);
    await rest(1200); // kept connections to applications are given up
    const handles = () => process.getActiveResourcesInfo().length;
    for (let i = 0; i < 100 && handles() > (held[0]?.handles ?? Number.POSITIVE_INFINITY); i++) await rest(50);
    options.gc();
    held.push({
      requests: counts.done,
      connections: proxy.connections,
      handles: handles(),
      heapMB: Math.round((process.memoryUsage().heapUsed / 1048576) * 10) / 10,
      rssMB: Math.round(process.memoryUsage().rss / 1048576),
    });
  };
  await visit(lab.proxy, plain.port, undefined, 50, counts); // what is made once is made
  await visit(lab.proxy, secure.port, { host: HOST, port: secure.port }, 50, counts);
  await overHttp2(lab, 50, counts);
  await note();
  counts.done = 0;
  const part = Math.ceil(options.requests / options.parts);
  for (let i = 1; i <= options.parts; i++) {
    const until = Math.min(options.requests, part * i);
    const worker = async (kind: number) => {
      while (counts.done < until) {
        if (kind < 6) await visit(lab.proxy, plain.port, undefined, PER_CONNECTION, counts);
        else if (kind < 9)
          await visit(lab.proxy, secure.port, { host: HOST, port: secure.port }, PER_CONNECTION, counts);
        else await overHttp2(lab, PER_CONNECTION, counts);
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, kind) => worker(kind)));
    await note();
  }
  plain.close();
  secure.close();
  await close();
  return { requests: counts.done, failed: counts.failed, unended: begun - ended, held };
}

interface Counts {
  done: number;
  failed: number;
}

/** An application that answers each head, and each chunked upload when it ends. */
function answerAll(socket: Duplex): void {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const upload = /^POST/.test(text);
      const stop = upload ? text.indexOf('0\r\n\r\n', end + 4) : end;
      if (stop < 0) return;
      text = text.slice(upload ? stop + 5 : end + 4);
      socket.write(upload ? CHUNKED : ANSWER, 'latin1');
    }
  });
}

/** One connection: requests one after the other, some with a body, given up in the middle of one now and then. */
async function visit(
  proxy: Address,
  port: number,
  inside: Address | undefined,
  requests: number,
  counts: Counts,
): Promise<void> {
  const socket = inside === undefined ? await tcp(proxy) : await tlsTunnel(proxy, inside);
  socket.on('error', () => {});
  const origin = inside === undefined ? `http://${HOST}:${port}` : '';
  await new Promise<void>((resolve) => {
    let text = '';
    let left = requests;
    const next = () => {
      const n = counts.done++;
      if (left-- === 0) return void socket.destroy();
      if (n % 20 === 0) {
        socket.write(
          `POST ${origin}/${n} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
        );
      } else {
        socket.write(`GET ${origin}/${n} HTTP/1.1\r\nHost: x\r\nCookie: sid=${n}\r\n\r\n`);
        if (n % GIVE_UP === 0) socket.destroy();
      }
    };
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!/\r\n\r\n(ok|3\r\nabc\r\n0\r\n\r\n)$/.test(text)) return;
      if (!text.startsWith('HTTP/1.1 200')) counts.failed++;
      text = '';
      next();
    });
    socket.on('close', () => resolve());
    next();
  });
}

async function overHttp2(
  lab: Awaited<ReturnType<typeof labWithProxy>>['lab'],
  requests: number,
  counts: Counts,
): Promise<void> {
  const at = { host: HOST, port: lab.ports.http2 };
  const socket = await tlsTunnel(lab.proxy, at, { alpn: ['h2'] });
  const session = connectHttp2(`https://${HOST}:${at.port}`, { createConnection: () => socket });
  session.on('error', () => {});
  for (let i = 0; i < requests; i += 10) {
    const asks = Array.from({ length: 10 }, () => ask(session));
    for (const status of await Promise.all(asks)) if (status !== 200) counts.failed++;
    counts.done += 10;
  }
  session.destroy();
}

/** The status of one answer. The same path each time: the application of the tests keeps what it saw by path. */
function ask(session: ClientHttp2Session): Promise<number> {
  return new Promise((resolve) => {
    let status = 0;
    const stream = session.request({ ':path': '/basic?id=soak' });
    stream.on('response', (head) => {
      status = Number(head[':status']);
    });
    stream.on('error', () => resolve(0));
    stream.on('close', () => resolve(status));
    stream.resume();
  });
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
