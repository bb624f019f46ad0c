import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOST, labWithProxy } from '../../support/proxy/lab.ts';
import { Reader, tcp } from '../../support/proxy/raw-client.ts';

/* NTLM and Negotiate authenticate a connection, not a request (RFC 4559 section 6): what follows on it is that user's. */

let origin: Server;
let url = '';
let running: Awaited<ReturnType<typeof labWithProxy>>;
const challenged = new WeakSet<Socket>();
const authenticated = new WeakSet<Socket>();
const connections = new Set<Socket>();

beforeEach(async () => {
  connections.clear();
  origin = createServer((request, response) => {
    const { socket } = request;
    const { authorization } = request.headers;
    if (authorization === 'NTLM third' && challenged.has(socket)) authenticated.add(socket);
    if (authorization === 'NTLM first') challenged.add(socket);
    const known = authenticated.has(socket);
    request.resume().on('end', () => {
      const challenge = challenged.has(socket) ? 'NTLM second' : 'NTLM';
      const fields = known ? {} : { 'WWW-Authenticate': challenge };
      response.writeHead(known ? 200 : 401, { ...fields, 'Content-Length': 0 }).end();
    });
  });
  origin.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await once(origin.listen(0, HOST), 'listening');
  url = `http://${HOST}:${(origin.address() as AddressInfo).port}/`;
  running = await labWithProxy();
});
afterEach(async () => {
  await running.close();
  origin.closeAllConnections();
  origin.close();
});

async function client() {
  const socket = await tcp(running.lab.proxy);
  const reader = new Reader(socket);
  return {
    socket,
    async ask(authorization?: string, body = ''): Promise<string> {
      const field = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
      socket.write(`POST ${url} HTTP/1.1\r\nHost: x\r\n${field}Transfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`);
      const head = await reader.head();
      reader.clear();
      return head.slice(9, 12);
    },
  };
}

it('keeps the connection of a user who has logged in on it for that user alone, and closes it with theirs', async () => {
  const [anna, other] = await Promise.all([client(), client()]);
  expect(await anna.ask()).toBe('401');
  expect(await other.ask()).toBe('401');
  expect(await anna.ask('NTLM first')).toBe('401');
  expect(await other.ask()).toBe('401');
  expect(await anna.ask('NTLM third')).toBe('200');
  for (let i = 0; i < 3; i += 1) {
    expect(await other.ask()).toBe('401');
    // Also with a body that could not be sent a second time.
    expect(await anna.ask(undefined, '2\r\nab\r\n')).toBe('200');
  }
  const [hers] = [...connections].filter((socket) => authenticated.has(socket));
  const closed = once(hers as Socket, 'close');
  anna.socket.destroy();
  await closed;
  expect(await (await client()).ask()).toBe('401');
});
