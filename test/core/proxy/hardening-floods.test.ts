import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createIntercept } from '../../../core/proxy/intercept/intercept.ts';
import type { ProxyOptions } from '../../../core/proxy/proxy.ts';
import { fields, frame, PREFACE, settings, TYPE, uint32 } from '../../support/proxy/http2-frames.ts';
import { HOST, labWithProxy, serve } from '../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel, within } from '../../support/proxy/raw-client.ts';

const MB = 1 << 20;
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

/** Writes until so many bytes are out or the other side closes; what the other side sends is not answered. */
async function flood(socket: Duplex, piece: Buffer, bytes: number): Promise<void> {
  const block = Buffer.concat(Array.from({ length: Math.ceil(32_768 / piece.length) }, () => piece));
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += block.length) {
    if (socket.write(block)) continue;
    const waiting = new AbortController(); // else each wait would leave its listeners behind
    const { signal } = waiting;
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => {});
    waiting.abort();
  }
}

describe('floods of HTTP/2 frames that cost their sender nothing', () => {
  const request = frame(
    TYPE.headers,
    4,
    1,
    fields([':method', 'POST'], [':scheme', 'https'], [':path', '/hang?id=flood'], [':authority', 'x']),
  );

  it.each([
    ['PING', frame(TYPE.ping, 0, 0, Buffer.alloc(8))],
    ['SETTINGS', settings()],
    ['PRIORITY', frame(TYPE.priority, 0, 3, Buffer.from([0, 0, 0, 0, 1]))],
    ['WINDOW_UPDATE', frame(TYPE.windowUpdate, 0, 0, uint32(1))],
    ['empty DATA', frame(TYPE.data, 0, 1)],
  ])('%s: other traffic goes on, memory is bounded, the log is short', async (_name, piece) => {
    const lab = await start();
    const socket = await tlsTunnel(lab.proxy, { host: HOST, port: lab.ports.http2 }, { alpn: ['h2'] });
    socket.on('error', () => {});
    socket.pause(); // answers pile up at the proxy, if it lets them
    socket.write(Buffer.concat([PREFACE, settings(), request]));
    const before = process.memoryUsage().rss;
    const flooding = flood(socket, piece, 4 * MB);
    await unharmed();
    await within('the end of the flood', flooding);
    await unharmed();
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * MB);
    expect(running.logged.length).toBeLessThanOrEqual(3);
    socket.destroy();
  });
});

describe('bodies that are far larger than they look', () => {
  const SIZE = 300 * MB;
  const bomb = zlib.gzipSync(Buffer.alloc(SIZE));

  async function bomber() {
    return serve((socket) =>
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
        socket.write(bomb);
      }),
    );
  }

  async function get(port: number): Promise<Buffer> {
    const socket = await tcp(running.lab.proxy);
    const chunks: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => chunks.push(bytes));
    socket.write(`GET http://${HOST}:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    return Buffer.concat(chunks);
  }

  it('pass as they are: nobody unpacks them', async () => {
    await start();
    const origin = await bomber();
    const before = process.memoryUsage().rss;
    const got = await get(origin.port);
    expect(got.subarray(-bomb.length).equals(bomb)).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * MB);
    origin.close();
    await unharmed();
  });

  it('can be paused and looked at, up to the limit', async () => {
    const intercept = createIntercept({ clock: Date.now, timeLimit: 60_000 });
    await start({}, [intercept.hooks]);
    const origin = await bomber();
    intercept.setBreakpoints([{ on: ['response'], host: HOST }]);
    const getting = get(origin.port);
    while (intercept.list().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const [held] = intercept.list();
    const before = process.memoryUsage().rss;
    await expect(intercept.body(held?.id as string)).rejects.toMatchObject({ problem: { kind: 'bad-body' } });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
    intercept.setBreakpoints([]);
    await intercept.resume(held?.id as string);
    expect((await getting).subarray(-bomb.length).equals(bomb)).toBe(true);
    origin.close();
    await unharmed();
  });
});

describe('many idle connections', () => {
  it('500 intercepted ones do not harm others, and are closed in time', async () => {
    const lab = await start({ clientIdle: 1500 });
    const at = { host: HOST, port: lab.ports.tls };
    const ends: Promise<string>[] = [];
    for (let i = 0; i < 10; i++) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => tlsTunnel(lab.proxy, at)));
      ends.push(...sockets.map((socket) => new Reader(socket).toEnd()));
    }
    await unharmed();
    await Promise.all(ends);
    await unharmed();
    expect(running.logged).toEqual([]);
  });
});
