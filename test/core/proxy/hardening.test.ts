import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../core/proxy/exchange.ts';
import type { ProxyOptions } from '../../../core/proxy/proxy.ts';
import { http2Ask, http2Session } from '../../support/proxy/behaviour-http2.ts';
import { HOST, labWithProxy, serve } from '../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel, tunnel, within } from '../../support/proxy/raw-client.ts';

let running: Awaited<ReturnType<typeof labWithProxy>>;
afterEach(() => running.close());

async function start(limits: NonNullable<ProxyOptions['limits']> = {}, hooks: ProxyOptions['hooks'] = []) {
  running = await labWithProxy(hooks, { limits });
  return running.lab;
}

/** Other traffic works as if nothing had happened. */
async function unharmed(): Promise<void> {
  for (const mode of ['http', 'https'] as const) expect((await running.lab.ask(mode, 'ok')).status).toBe(200);
}

/** Sends raw bytes and reads to the end. */
async function sendRaw(text: string): Promise<string> {
  const socket = await tcp(running.lab.proxy);
  socket.write(text, 'latin1');
  return new Reader(socket).toEnd();
}

/** An application that answers every request head with these bytes, on a connection it keeps open. */
async function rawAnswer(answer: (socket: Duplex, count: number) => void) {
  let count = 0;
  return serve((socket) => socket.on('data', () => answer(socket, ++count)));
}

async function get(port: number): Promise<string> {
  return sendRaw(`GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
}

describe('clients that are slow or many', () => {
  it('slowloris: a head that does not end is given up with 408', async () => {
    await start({ headTimeout: 300 });
    const slow = await Promise.all(Array.from({ length: 50 }, () => tcp(running.lab.proxy)));
    const timer = setInterval(() => slow.forEach((socket) => void socket.write('X: y\r\n')), 50);
    slow.forEach((socket) => void socket.write('GET http://x.test/ HTTP/1.1\r\n'));
    const answers = await Promise.all(slow.map((socket) => new Reader(socket).head()));
    clearInterval(timer);
    expect(answers.every((head) => head.startsWith('HTTP/1.1 408 '))).toBe(true);
    expect(running.logged.filter((line) => line.includes('took too long')).length).toBeLessThanOrEqual(2);
    slow.forEach((socket) => void socket.destroy());
    await unharmed();
  });

  it.each(['Content-Length: 10', 'Transfer-Encoding: chunked'])(
    'a body that does not go on (%s) is given up',
    async (how) => {
      const ends: (string | undefined)[] = [];
      await start({ bodyIdle: 300 }, [{ name: 'ends', end: ({ error }) => void ends.push(error) }]);
      let gone: Promise<unknown> = Promise.resolve();
      const origin = await serve((socket) => {
        gone = once(socket.resume(), 'close');
      });
      const socket = await tcp(running.lab.proxy);
      socket.write(`POST http://${HOST}:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${how}\r\n\r\n3`);
      const answer = await new Reader(socket).toEnd();
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('sent nothing of the announced request body for 0.3 s');
      expect(ends).toEqual([expect.stringContaining('sent nothing')]);
      await within('the connection to the application', gone);
      origin.close();
      await unharmed();
    },
  );

  it('over HTTP/2 a body that does not go on is given up, a dialogue is not', async () => {
    await start({ bodyIdle: 300 });
    const session = await http2Session(running.lab, running.lab.ports.http2);
    const open = (headers: object) => {
      const stream = session.request({ ':method': 'POST', ':path': '/upload?id=stalled', ...headers });
      stream.on('error', () => {});
      stream.write('half');
      const status = new Promise((resolve) => {
        stream.on('response', (head) => resolve(head[':status']));
      });
      return { stream, status };
    };
    const dialogue = open({});
    expect(await within('the answer', open({ 'content-length': '10' }).status)).toBe(408);
    // As long again: the dialogue was opened first, and has been silent for longer than the limit already.
    expect(await within('the answer', open({ 'content-length': '10' }).status)).toBe(408);
    dialogue.stream.end('other half');
    expect(await within('the answer', dialogue.status)).toBe(200);
    session.destroy();
  });

  it('a body is not given up while it goes on, is held, waits for 100 or is being answered', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holds = ({ request: { url } }: Exchange) => (url.endsWith('/held') ? held : undefined);
    await start({ bodyIdle: 300 }, [{ name: 'holds', request: holds }]);
    // Answers at once where it is asked to stream, otherwise when the body of 10 is here.
    const origin = await serve((socket) => {
      let got = '';
      socket.on('data', (bytes: Buffer) => {
        got += bytes.toString('latin1');
        if (got.startsWith('POST /stream') && got.endsWith('\r\n\r\n')) {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\no');
        } else if (got.endsWith('9')) {
          socket.end(
            got.startsWith('POST /stream')
              ? 'k'
              : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
          );
        }
      });
    });
    const post = async (path: string, more = '') => {
      const socket = await tcp(running.lab.proxy);
      socket.write(
        `POST http://${HOST}:${origin.port}${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n${more}\r\n`,
      );
      return { socket, end: new Reader(socket).toEnd() };
    };
    const steady = await post('/steady');
    const quiet = await Promise.all([post('/held'), post('/expects', 'Expect: 100-continue\r\n'), post('/stream')]);
    // Three times the limit, in steps below it.
    for (let i = 0; i < 9; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      steady.socket.write(String(i));
    }
    release();
    steady.socket.write('9');
    for (const { socket } of quiet) socket.write('0123456789');
    for (const { end } of [steady, ...quiet]) expect(await end).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
    origin.close();
  });

  it('2000 idle connections do not harm others', async () => {
    await start();
    const idle = await Promise.all(Array.from({ length: 2000 }, () => tcp(running.lab.proxy)));
    await unharmed();
    expect(running.proxy.connections).toBeGreaterThanOrEqual(2000);
    idle.forEach((socket) => void socket.destroy());
  });

  it('over the limit the longest idle connection makes room', async () => {
    await start({ connections: 20 });
    const first = await tcp(running.lab.proxy);
    const end = new Reader(first).toEnd();
    const more: Duplex[] = [];
    for (let i = 0; i < 40; i++) more.push(await tcp(running.lab.proxy));
    await end;
    await unharmed();
    expect(running.proxy.connections).toBeLessThanOrEqual(20);
    more.forEach((socket) => void socket.destroy());
  });

  it('over the limit an idle HTTP/2 connection makes room too, one with a stream does not', async () => {
    await start({ connections: 5 });
    const { lab } = running;
    const busy = await http2Session(lab, lab.ports.http2);
    const hanging = busy.request({ ':path': '/hang?id=busy' });
    await once(hanging, 'data');
    const idle: ClientHttp2Session[] = [];
    for (let i = 0; i < 4; i++) idle.push(await http2Session(lab, lab.ports.http2));
    const closed = once(idle[0] as ClientHttp2Session, 'close');
    const more = await http2Session(lab, lab.ports.http2);
    await within('room for another', closed);
    expect((await http2Ask(lab, more, { ':path': '/basic' })).status).toBe(200);
    expect(hanging.closed).toBe(false);
    await unharmed();
    expect(running.logged).toEqual([]);
    for (const session of [busy, more, ...idle]) session.destroy();
  });

  it('idle connections are closed in time', async () => {
    await start({ clientIdle: 200 });
    const socket = await tcp(running.lab.proxy);
    await new Reader(socket).toEnd();
    await unharmed();
  });
});

describe('clients that lie', () => {
  it.each([
    [
      'both lengths',
      'POST http://x.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
      400,
    ],
    ['two hosts', 'GET http://x.test/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400],
    ['bare LF', 'GET http://x.test/ HTTP/1.1\nHost: x\n\n', 400],
    ['folded TE', 'POST http://x.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n', 400],
    ['TE with vertical tab', 'POST http://x.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n', 400],
    ['NUL in a name', 'GET http://x.test/ HTTP/1.1\r\nHo\0st: x\r\n\r\n', 400],
    ['another version', 'GET http://x.test/ HTTP/3.0\r\nHost: x\r\n\r\n', 505],
    ['no URL', 'GET nonsense HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['CONNECT without port', 'CONNECT x.test HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['port out of range', 'CONNECT x.test:70000 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['not HTTP at all', '\x00\x01\x02\x03\r\n\r\n', 400],
  ])('%s: refused', async (_name, text, status) => {
    await start();
    expect(await sendRaw(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    await unharmed();
  });

  it('huge heads are refused with 431', async () => {
    await start();
    const line = `GET http://x.test/ HTTP/1.1\r\nX: `;
    expect(await sendRaw(line + 'y'.repeat(300_000))).toMatch(/^HTTP\/1.1 431 /);
    expect(await sendRaw(`${line}1\r\n${'A: 1\r\n'.repeat(2500)}\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    await unharmed();
  });

  it('a broken chunk in the middle breaks both sides off', async () => {
    await start();
    const { socket, reader, seen } = await running.lab.send('http', 'chunkup', {
      method: 'POST',
      headers: ['Transfer-Encoding: chunked'],
      body: '3\r\nabc\r\n',
    });
    await within('head at the origin', seen.arrived.opened);
    socket.write('zz\r\n');
    expect(await reader.toEnd()).toBe('');
    await within('close at the origin', seen.closed.opened);
    expect(seen.body).toBe('');
    await unharmed();
  });

  it('the same trouble a hundred times is three lines in the log', async () => {
    await start();
    for (let i = 0; i < 100; i++) await sendRaw('BAD\r\n\r\n');
    expect(running.logged).toHaveLength(3);
    expect(running.logged[2]).toContain('100 times');
  });
});

describe('applications that lie', () => {
  it('bytes after an answer never become the next answer', async () => {
    await start();
    const origin = await rawAnswer((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    for (let i = 0; i < 5; i++) {
      const text = await get(origin.port);
      expect(text).toMatch(/\r\n\r\nok$/);
      expect(text).not.toContain('evil');
    }
    origin.close();
  });

  it.each([
    ['a huge head', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(400_000)}`],
    ['a head of too many fields', `HTTP/1.1 200 OK\r\n${'A: 1\r\n'.repeat(3000)}\r\n`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['switching unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['endless 1xx', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(500)],
    ['contradictory lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('%s gives 502', async (_name, answer) => {
    await start();
    const origin = await rawAnswer((socket) => socket.write(answer));
    expect(await get(origin.port)).toMatch(/HTTP\/1.1 502 /);
    origin.close();
    await unharmed();
  });

  it('a broken chunk never looks complete', async () => {
    await start();
    const origin = await rawAnswer((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n0\r\n\r\n'),
    );
    const text = await get(origin.port);
    expect(text).not.toMatch(/0\r\n\r\n$/);
    origin.close();
  });
});

describe('TLS that is none', () => {
  it('is closed, told once and harms nobody', async () => {
    await start({ handshakeTimeout: 500 });
    const { lab } = running;
    for (let i = 0; i < 30; i++) {
      const socket = await tunnel(lab.proxy, { host: HOST, port: lab.ports.tls });
      const body = randomBytes(200);
      socket.write(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 204, 1, 0, 0, 200]), body]));
      await new Reader(socket).toEnd();
    }
    expect(running.logged.filter((line) => line.includes('broke off TLS')).length).toBeLessThanOrEqual(6);
    // A hello that never ends is a connection that says nothing more: given up.
    const half = await tunnel(lab.proxy, { host: HOST, port: lab.ports.tls });
    half.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    await new Reader(half).toEnd();
    await unharmed();
  });
});

describe('HTTP/2 floods', () => {
  it('rapid reset: the connection is closed, others go on', async () => {
    await start({ http2Resets: 200 });
    const { lab } = running;
    const session = await http2Session(lab, lab.ports.http2);
    const other = await http2Session(lab, lab.ports.http2);
    const closed = new Promise<void>((resolve) => session.once('close', resolve));
    const storm = () => {
      for (let i = 0; i < 50 && !session.destroyed && !session.closed; i++) {
        const stream = session.request({ ':path': `/hang?id=reset` });
        stream.on('error', () => {});
        stream.close(8);
      }
      if (!session.destroyed) setImmediate(storm);
    };
    storm();
    await within('close of the flooding connection', closed);
    expect((await http2Ask(lab, other, { ':path': '/basic' })).status).toBe(200);
    expect(running.logged.filter((line) => line.includes('too fast'))).toHaveLength(1);
    other.destroy();
    await unharmed();
  });

  it('continuation flood: the connection is closed', async () => {
    await start();
    const { lab } = running;
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.http2 }, { alpn: ['h2'] });
    const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, payload]);
    };
    const ended = new Reader(socket).toEnd();
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(frame(4, 0, 0, Buffer.alloc(0)));
    // literal field without indexing: name "x", value of 100 bytes (RFC 7541 section 6.2.2)
    const field = Buffer.concat([Buffer.from([0, 1, 0x78, 100]), Buffer.alloc(100, 0x79)]);
    socket.write(frame(1, 0, 1, field));
    let open = true;
    void ended.then(() => {
      open = false;
    });
    for (let i = 0; i < 20_000 && open; i++) {
      if (!socket.write(frame(9, 0, 1, field))) await new Promise((resolve) => setImmediate(resolve));
    }
    await within('close of the flooding connection', ended);
    expect(running.logged.length).toBeLessThanOrEqual(2);
    socket.destroy();
    await unharmed();
  });
});

describe('peers at different speed', () => {
  const SIZE = 96 << 20;

  it.each(['http', 'https'] as const)('a client that pauses stops the download (%s)', async (mode) => {
    let passed = 0;
    await start({}, [{ name: 'count', bodyChunk: (_exchange, _side, chunk) => void (passed += chunk.length) }]);
    const { lab } = running;
    const block = Buffer.alloc(1 << 20, 0x61);
    const origin = await serve(
      (socket) => {
        let left = SIZE;
        const pump = () => {
          while (left > 0) {
            left -= block.length;
            if (!socket.write(block)) {
              socket.once('drain', pump);
              return;
            }
          }
        };
        socket.once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`);
          pump();
        });
      },
      mode === 'https' ? lab.pair : undefined,
    );
    const at = { host: HOST, port: origin.port };
    const socket = mode === 'http' ? await tcp(lab.proxy) : await tlsTunnel(lab.proxy, at);
    socket.write(`GET ${mode === 'http' ? `http://${HOST}:${origin.port}` : ''}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    // Nothing is read from here on: what the engine takes in must come to a standstill.
    let before = -1;
    for (let quiet = 0; quiet < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      quiet = passed === before && passed > 0 ? quiet + 1 : 0;
      before = passed;
    }
    expect(passed).toBeLessThan(24 << 20);
    let got = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (bytes: Buffer) => {
        got += bytes.length;
        if (got >= SIZE) resolve();
      });
      socket.resume();
    });
    expect(passed).toBe(SIZE);
    socket.destroy();
    origin.close();
  });

  it('an application that pauses stops the upload, which arrives whole', async () => {
    let passed = 0;
    await start({}, [
      { name: 'count', bodyChunk: (_exchange, side, chunk) => void (side === 'request' && (passed += chunk.length)) },
    ]);
    let origin: Duplex | undefined;
    const arrived: Buffer[] = [];
    let began: () => void = () => {};
    const beginning = new Promise<void>((resolve) => {
      began = resolve;
    });
    const server = await serve((socket) => {
      origin = socket;
      socket.on('data', (bytes: Buffer) => arrived.push(bytes));
      socket.once('data', () => {
        socket.pause();
        began();
      });
    });
    const body = randomBytes(48 << 20);
    const socket = await tcp(running.lab.proxy);
    socket.write(`POST http://${HOST}:${server.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    await beginning;
    let before = -1;
    for (let quiet = 0; quiet < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      quiet = passed === before ? quiet + 1 : 0;
      before = passed;
    }
    expect(passed).toBeLessThan(24 << 20);
    const rest = new Promise<void>((resolve) => {
      origin?.on('data', () => {
        const head = (arrived[0] as Buffer).indexOf('\r\n\r\n') + 4;
        if (arrived.reduce((sum, bytes) => sum + bytes.length, 0) === head + body.length) resolve();
      });
      origin?.resume();
    });
    await within('the whole upload', rest);
    const all = Buffer.concat(arrived);
    expect(all.subarray(all.indexOf('\r\n\r\n') + 4).equals(body)).toBe(true);
    socket.destroy();
    server.close();
  });
});
