import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Check } from './behaviour-http1.ts';
import { HOST, type Lab, lines } from './lab.ts';
import { Reader, tcp, tlsTunnel, tunnel, within } from './raw-client.ts';

const theme = (lab: Lab) => (lab.edits ? 'EDITED' : 'dark');

/** WebSockets, other upgrades, tunnels and what happens when nothing can be reached. */
export const upgradeChecks: readonly Check[] = [
  {
    name: 'ws.wss through CONNECT',
    run: async (lab) => echo(lab, await tlsTunnel(lab.proxy, at(lab.ports.tls)), '', lab.ports.tls),
  },
  {
    name: 'ws.ws through CONNECT (as browsers do)',
    run: async (lab) => echo(lab, await tunnel(lab.proxy, at(lab.ports.plain)), '', lab.ports.plain),
  },
  {
    name: 'ws.ws absolute-form upgrade',
    run: async (lab) => echo(lab, await tcp(lab.proxy), `http://${HOST}:${lab.ports.plain}`, lab.ports.plain),
  },
  {
    name: 'ws.refused upgrade (404) passed on',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, at(lab.ports.tls));
      socket.write(upgradeRequest('/c/none?id=z', 'websocket'));
      assert.match(await new Reader(socket).head(), /^HTTP\/1.1 404 /);
      socket.destroy();
    },
  },
  {
    name: 'upgrade to another protocol',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, at(lab.ports.tls));
      socket.write(upgradeRequest(`/c/upgrade?id=${lab.nextId()}`, 'foo/1'));
      const reader = new Reader(socket);
      assert.match(await reader.head(), /^HTTP\/1.1 101 /);
      socket.write('ping');
      assert.equal(await reader.until((text) => text.includes('ping')), 'echo:ping');
      socket.destroy();
    },
  },
  {
    name: 'CONNECT to a protocol that is neither TLS nor HTTP (server first)',
    run: async (lab) => {
      const socket = await tunnel(lab.proxy, at(lab.ports.serverFirst));
      const reader = new Reader(socket);
      await reader.until((text) => text.includes('220 server speaks first'));
      socket.write('hi');
      assert.match(await reader.until((text) => text.includes('echo:')), /echo:hi/);
      socket.destroy();
    },
  },
  {
    name: 'CONNECT to a closed port',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, at(lab.ports.closed));
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.match(await new Reader(socket).head(), /^HTTP\/1.1 502 /);
      socket.destroy();
    },
  },
  {
    name: 'http to a closed port',
    run: async (lab) => {
      const socket = await tcp(lab.proxy);
      socket.write(`GET http://${HOST}:${lab.ports.closed}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.match(await new Reader(socket).head(), /^HTTP\/1.1 502 /);
      socket.destroy();
    },
  },
  {
    name: 'upstream with untrusted certificate',
    run: async (lab) => {
      const socket = await tlsTunnel(lab.proxy, at(lab.ports.untrusted));
      const id = lab.nextId();
      socket.write(`GET /c/ok?id=${id} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.match(await new Reader(socket).head(), /^HTTP\/1.1 502 /);
      assert.equal(lab.raw.of(id).head, '', 'nothing may be sent to an untrusted origin');
      socket.destroy();
    },
  },
];

const at = (port: number) => ({ host: HOST, port });

function upgradeRequest(target: string, protocol: string): string {
  const key = randomBytes(16).toString('base64');
  return `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nCookie: theme=dark\r\n\r\n`;
}

async function echo(lab: Lab, socket: Duplex, origin: string, _port: number): Promise<void> {
  const id = lab.nextId();
  socket.write(upgradeRequest(`${origin}/c/ws?id=${id}`, 'websocket'));
  const reader = new Reader(socket);
  const head = await reader.head();
  assert.match(head, /^HTTP\/1.1 101 /);
  assert.deepEqual(lines(head, /^set-cookie/i), [`Set-Cookie: theme=${theme(lab)}`]);
  for (const [opcode, answer, payload] of [
    [1, 1, 'hello'],
    [2, 2, '\x00\x01bin'],
    [9, 10, 'pp'],
  ] as const) {
    socket.write(maskedFrame(opcode, payload));
    const frame = await reader.take(2 + payload.length);
    assert.deepEqual(frame, Buffer.concat([Buffer.from([0x80 | answer, payload.length]), Buffer.from(payload)]));
  }
  const seen = lab.raw.of(id);
  assert.deepEqual(seen.opcodes, [1, 2, 9]);
  assert.deepEqual(lines(seen.head, /^cookie/i), [`Cookie: theme=${theme(lab)}`]);
  socket.destroy();
  await within('close at the origin', seen.closed.opened);
}

/** A whole frame as a client sends it: masked. Payload up to 125 bytes. */
export function maskedFrame(opcode: number, payload: string): Buffer {
  const mask = randomBytes(4);
  const bytes = Buffer.from(payload);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (mask[i & 3] as number);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length]), mask, bytes]);
}
