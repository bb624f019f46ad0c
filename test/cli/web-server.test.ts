import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveWeb, type WebServer } from '../../cli/web/server.ts';
import type { Handlers } from '../../core/bridge/contract.ts';
import { problem } from '../../core/model/problem.ts';

/* Requests as any page, script or broken client may send them, on the socket: the server answers or hangs up, and lives. */

let server: WebServer;
let folder: string;
const log: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-page-'));
  writeFileSync(path.join(folder, 'index.html'), '<p>page</p>');
  const handlers = {
    'app.info': async () => ({ version: '1' }),
    'flows.list': async () => ({ rows: [], total: 1n }),
    'flow.detail': async () => Promise.reject(problem('not-found', 'no such flow')),
  } as unknown as Handlers;
  server = await serveWeb({
    engine: { handlers, subscribe: () => () => {} },
    folder,
    port: 0,
    log: (line) => log.push(line),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What comes back on a connection until it is closed or still for a moment. */
function exchange(text: string, thenDestroy = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1', () => {
      socket.write(text, () => thenDestroy && socket.destroy());
    });
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

const get = (target: string, more = '') =>
  exchange(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${more}Connection: close\r\n\r\n`);
const post = (body: string, length = Buffer.byteLength(body), method = 'app.info') =>
  `POST /api/${method} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-Sessionscope-Token: ${server.token}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;

test.each(['//', '//x', '///', '//[', '/%zz', '/%00', '/%5c..%5c', 'http://a%zz/', '*'])(
  'a request for %s gets 400 or 404 and the server lives',
  async (target) => {
    expect(await get(target)).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(await get('/')).toContain('<p>page</p>');
  },
);

test('// gets 400, as a page of another site can ask for it', async () => {
  expect(await get('//')).toMatch(/^HTTP\/1\.1 400 /);
});

test.each(['/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/%2e%2e/x'])('%s leads nowhere', async (target) => {
  expect(await get(target)).toMatch(/^HTTP\/1\.1 40[04] /);
});

test('a call that is cut off in its body changes nothing', async () => {
  for (let i = 0; i < 20; i += 1) await exchange(post('{"half":', 10_000), true);
  // Chunked, and with a chunk that is none.
  const head = post('', 0).replace(/Content-Length: 0/, 'Transfer-Encoding: chunked');
  await exchange(`${head}5\r\n{"a":`, true);
  expect(await exchange(`${head}zz\r\n`)).not.toContain('200 OK');
  expect(await exchange(post('{}'))).toContain('"version":"1"');
});

test('what is no HTTP and what is no JSON get 400', async () => {
  expect(await exchange('\x16\x03\x01\x02\x00\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(post('{'))).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(post('null'))).toContain('bad-request');
});

test('an answer that cannot be written as JSON is a problem of that call', async () => {
  expect(await exchange(post('{"limit":1}', undefined, 'flows.list'))).toContain('too-large');
  expect(await exchange(post('{"id":"x"}', undefined, 'flow.detail'))).toContain('no such flow');
  expect(await exchange(post('{}'))).toContain('"version":"1"');
});

test('a body beyond the limit is answered with 413', async () => {
  const size = 33 * 1024 * 1024;
  expect(await exchange(post('x'.repeat(size)))).toMatch(/^HTTP\/1\.1 413 /);
});

test('nothing of this was a failure inside', () => {
  expect(log).toEqual([]);
});
