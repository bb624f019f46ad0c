import net from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Application } from '../../../../../core/frameworks/webpy/session/application.ts';
import { makeConfig } from '../../../../../core/frameworks/webpy/session/config.ts';
import { type RunningServer, serve } from '../../../../../core/frameworks/webpy/session/http-server.ts';
import { Session } from '../../../../../core/frameworks/webpy/session/session.ts';
import { ctx, header, input } from '../../../../../core/frameworks/webpy/session/web-api.ts';
import { MemoryStore } from '../../../../../core/frameworks/webpy/stores/memory-store.ts';

let server: RunningServer;
let store: MemoryStore;
const errors: string[] = [];

beforeEach(async () => {
  const config = makeConfig();
  store = new MemoryStore();
  class count {
    GET() {
      session.count += 1;
      return String(session.count);
    }
  }
  class echo {
    POST() {
      header('Content-Type', 'text/plain');
      return `${input({ name: 'nobody' })['name']} ${ctx.body.length}`;
    }
  }
  class stream {
    async *GET() {
      header('X-Before', 'first part');
      yield 'a';
      await new Promise((resolve) => setImmediate(resolve));
      yield new Uint8Array([0xc3, 0xa9]);
      yield 1;
    }
  }
  class broken {
    *GET() {
      yield 'part';
      throw new Error('in the middle');
    }
  }
  class nothing {
    GET() {}
  }
  const pages = { count, echo, stream, broken, nothing };
  const app = new Application(
    Object.keys(pages).flatMap((name) => [`/${name}`, name]),
    pages,
    config,
  );
  app.onError = (error) => errors.push(String(error));
  const session = new Session(app, store, { count: 0 }, config);
  server = await serve(app);
});

afterEach(async () => {
  await server.close();
  errors.length = 0;
});

/** Everything that comes back on one connection for some bytes, until the server closes it. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1').setEncoding('latin1');
    let received = '';
    socket.on('data', (part: string) => (received += part)).on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(text);
  });
}

const get = (path: string, more = '', version = '1.1', method = 'GET') =>
  raw(`${method} ${path} HTTP/${version}\r\nHost: x\r\nConnection: close\r\n${more}\r\n`);

it('[H1] answers as web.py does: chunked, no Content-Type, Date, Server: localhost', async () => {
  const answer = await raw(
    'GET /count HTTP/1.1\r\nHost: x\r\n\r\nGET /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  const [first = ''] = answer.split('1\r\n1\r\n0\r\n\r\n');
  expect(first.replace(/[0-9a-f]{40}/, 'ID').replace(/Date: .*GMT/, 'Date: NOW')).toBe(
    'HTTP/1.1 200 OK\r\nSet-Cookie: webpy_session_id=ID; HttpOnly; Path=/\r\nTransfer-Encoding: chunked\r\n' +
      'Date: NOW\r\nServer: localhost\r\n\r\n',
  );
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

it('[H1] HTTP/1.0 is not chunked, HEAD has no body and closes', async () => {
  const old = await get('/count', '', '1.0');
  expect(old).not.toContain('chunked');
  expect(old.endsWith('\r\n\r\n1')).toBe(true);
  const head = await raw('HEAD /count HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(head).toContain('\r\nConnection: close\r\n');
  expect(head.endsWith('\r\n\r\n')).toBe(true);
});

it('[H2] of several Cookie headers the last one counts', async () => {
  store.put('abc', {
    lastUsed: Date.now(),
    value: new Map(Object.entries({ session_id: 'abc', count: 4, ip: '127.0.0.1' })),
  });
  expect(await get('/count', 'Cookie: a=1\r\nCookie: webpy_session_id=abc\r\n')).toContain('\r\n5\r\n');
  expect(await get('/count', 'Cookie: webpy_session_id=abc\r\nCookie: a=1\r\n')).toContain('\r\n1\r\n');
});

it('[H3] bodies: forms, streams, too large, nothing', async () => {
  const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n';
  expect(await raw(`POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${form}\r\nname=alice+`)).toContain(
    'alice  11',
  );
  const streamed = await get('/stream');
  expect(streamed).toContain('X-Before: first part');
  // Node may join parts that are ready at once.
  expect(streamed).toContain('1\r\na\r\n');
  expect(await (await fetch(`${server.origin}/stream`)).text()).toBe('a\xe91');
  expect(await get('/nothing')).toContain('4\r\nNone\r\n');
  const large = await fetch(`${server.origin}/echo`, { method: 'POST', body: new Uint8Array(11 * 1024 * 1024) }).catch(
    (error: unknown) => error,
  );
  // The server may close while the rest is still on its way.
  if (large instanceof Response) expect(large.status).toBe(413);
  else expect(large).toBeInstanceOf(TypeError);
});

it('[H4] a stream that fails cuts the connection, and is told', async () => {
  const answer = await get('/broken');
  expect(answer.endsWith('4\r\npart\r\n')).toBe(true);
  expect(errors).toEqual(['Error: in the middle']);
  expect(await get('/count')).toContain('200 OK');
});

it("[F10] a stored key clear: the answer is cut off as web.py's is, and later requests work", async () => {
  const value = new Map(Object.entries({ session_id: 'abc', count: 3, ip: '127.0.0.1', clear: 1 }));
  store.put('abc', { lastUsed: Date.now(), value });
  const answer = await get('/count', 'Cookie: webpy_session_id=abc\r\n');
  expect(answer).toContain('200 OK');
  expect(answer.endsWith('1\r\n4\r\n')).toBe(true);
  expect(await get('/count')).toContain('1\r\n1\r\n0\r\n\r\n');
});
