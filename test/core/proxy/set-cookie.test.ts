import { createSecureServer } from 'node:http2';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { http2Session } from '../../support/proxy/behaviour-http2.ts';
import { HOST, labWithProxy, serve } from '../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel } from '../../support/proxy/raw-client.ts';

const HEADERS = 10_000;
const PER_ANSWER = 100;

/** Values with every byte a field may have, quotes, commas, equal signs and odd attributes. */
const text = fc.stringMatching(/^[\x21\x23-\x3a\x3c-\x7e\x80-\xff]{1,30}$/);
const attributes = fc.constantFrom(
  '; Path=/',
  ';path=/;HttpOnly',
  '; Expires=Wed, 09 Jun 2027 10:18:14 GMT',
  '; SameSite=None; Secure',
  ';;',
  '',
  '; Domain=.x.test; max-age=0',
);
const name = fc.constantFrom('Set-Cookie', 'set-cookie', 'SET-COOKIE', 'Set-cookie');
const cookies = fc.sample(
  fc.tuple(name, text, text, attributes).map(([field, key, value, rest]) => [field, `${key}=${value}${rest}`] as const),
  { numRuns: HEADERS, seed: 20261123 },
);
const answers = Array.from({ length: HEADERS / PER_ANSWER }, (_, i) =>
  cookies.slice(i * PER_ANSWER, (i + 1) * PER_ANSWER),
);

/** Looks at everything and changes nothing, as a recorder and an idle rule do. */
const idle: ProxyHooks = { name: 'idle', request: () => {}, response: () => {}, bodyChunk: () => {}, end: () => {} };

let running: Awaited<ReturnType<typeof labWithProxy>>;
beforeAll(async () => {
  running = await labWithProxy([idle]);
});
afterAll(() => running.close());

describe(`${HEADERS} generated Set-Cookie fields`, () => {
  it.each(['http', 'https'] as const)('arrive byte for byte and in order over %s', async (mode) => {
    let next = 0;
    const origin = await serve(
      (socket) =>
        socket.on('data', () => {
          const lines = (answers[next++] ?? []).map(([field, value]) => `${field}: ${value}\r\n`).join('');
          socket.write(`HTTP/1.1 200 OK\r\n${lines}Content-Length: 0\r\n\r\n`, 'latin1');
        }),
      mode === 'https' ? running.lab.pair : undefined,
    );
    const at = { host: HOST, port: origin.port };
    const socket = mode === 'http' ? await tcp(running.lab.proxy) : await tlsTunnel(running.lab.proxy, at);
    const reader = new Reader(socket);
    let compared = 0;
    for (const wanted of answers) {
      socket.write(`GET ${mode === 'http' ? `http://${HOST}:${at.port}` : ''}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      const lines = (await reader.head()).split('\r\n').slice(1, -2);
      expect(lines).toEqual(wanted.map(([field, value]) => `${field}: ${value}`));
      compared += lines.length;
    }
    expect(compared).toBe(HEADERS);
    console.log(`set-cookie ${mode}: ${compared} unchanged`);
    socket.destroy();
    origin.close();
  });

  it('arrive byte for byte and in order over HTTP/2', async () => {
    const server = createSecureServer(running.lab.pair);
    let next = 0;
    server.on('sessionError', () => {});
    server.on('stream', (stream) => {
      stream.respond(
        { ':status': 200, 'set-cookie': (answers[next++] ?? []).map(([, value]) => value) },
        { endStream: true },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    const session = await http2Session(running.lab, (server.address() as { port: number }).port);
    let compared = 0;
    for (const wanted of answers) {
      const stream = session.request({ ':path': '/' });
      const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
      stream.close();
      expect(headers['set-cookie']).toEqual(wanted.map(([, value]) => value));
      compared += wanted.length;
    }
    expect(compared).toBe(HEADERS);
    console.log(`set-cookie h2: ${compared} unchanged`);
    session.destroy();
    server.close();
  });
});
