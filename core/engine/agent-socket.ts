import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { ToolReply } from '../agents/caller.ts';
import { inBackground } from '../model/failures.ts';
import type { AgentLink, AgentService, Introduction } from './agent-service.ts';

/*
 * The socket by which `sessionscope mcp` joins a running engine: lines of JSON. It lies in a folder that only its owner
 * can enter. A named pipe on Windows can be opened by others, so every client shows the token beside it first.
 */

/** Longest path of a Unix socket that every system takes. */
const MOST_PATH = 100;
const MOST_LINE = 4 * 1024 * 1024;

interface Places {
  readonly socket: string;
  readonly token: string;
}

function placesOf(dataFolder: string): Places {
  const folder = path.join(path.resolve(dataFolder), 'agents');
  const token = path.join(folder, 'token');
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 20);
  if (process.platform === 'win32') return { socket: `\\\\.\\pipe\\sessionscope-${name}`, token };
  const socket = path.join(folder, 'socket');
  if (socket.length <= MOST_PATH) return { socket, token };
  return { socket: path.join(os.tmpdir(), `sessionscope-${name}`, 'socket'), token };
}

/** @throws what the file system says */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
}

/** So long a window waits for an engine without one to close, in milliseconds. */
const GIVE_WAY_MS = 10_000;

/**
 * Asks an engine without a window, which `sessionscope mcp` started for itself, to close: the one with the window takes
 * the workspace and the agents over. Does nothing where none runs.
 */
export async function requestWay(dataFolder: string): Promise<void> {
  const places = placesOf(dataFolder);
  let token: string;
  try {
    token = readFileSync(places.token, 'utf8');
  } catch {
    return;
  }
  const socket = await connectTo(places.socket);
  if (socket === undefined) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(() => socket.destroy(), GIVE_WAY_MS);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      done();
    });
    socket.resume();
    socket.write(`${JSON.stringify({ token, giveWay: true })}\n`);
  });
}

/**
 * Listens for agents of the same user. Returns how to stop, or undefined where another engine listens already.
 * `giveWay`: closes this engine for one with a window.
 * @throws what the file system or the socket says
 */
export async function listenForAgents(
  dataFolder: string,
  agents: Pick<AgentService, 'connect'>,
  giveWay?: () => void,
): Promise<(() => Promise<void>) | undefined> {
  const places = placesOf(dataFolder);
  makePrivate(path.dirname(places.token));
  if (process.platform !== 'win32') {
    makePrivate(path.dirname(places.socket));
    const other = await connectTo(places.socket);
    if (other !== undefined) {
      other.destroy();
      return undefined;
    }
    // Of an engine that ended without a word.
    rmSync(places.socket, { force: true });
  }
  const token = randomBytes(32).toString('hex');
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serve(socket, token, agents, giveWay);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(places.socket, () => {
      server.off('error', fail);
      done();
    });
  });
  server.on('error', () => {});
  // The token is there when the socket is: whoever finds one finds the other.
  writeFileSync(places.token, token, { mode: 0o600 });
  if (process.platform !== 'win32') chmodSync(places.socket, 0o600);
  return async () => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((done) => server.close(() => done()));
    rmSync(places.token, { force: true });
  };
}

function serve(
  socket: net.Socket,
  token: string,
  agents: Pick<AgentService, 'connect'>,
  giveWay: (() => void) | undefined,
): void {
  let link: AgentLink | undefined;
  const send = (message: unknown): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  socket.on('error', () => socket.destroy());
  socket.on('close', () => link?.close());
  eachLine(socket, (message) => {
    if (link === undefined) {
      if (!isToken(message['token'], token)) return void socket.destroy();
      if (message['giveWay'] === true) {
        if (giveWay === undefined) socket.destroy();
        else giveWay();
        return;
      }
      link = agents.connect(introductionOf(message));
      send({ welcome: true });
      return;
    }
    const { id, tool, input } = message;
    if (typeof tool !== 'string') return void socket.destroy();
    inBackground(
      'a call of an agent',
      link.call(tool, input).then((reply) => send({ id, reply })),
    );
  });
}

function introductionOf({ client, version, writes, secrets, allow }: Record<string, unknown>): Introduction {
  return {
    client: String(client),
    version: String(version),
    writes: writes === true,
    secrets: secrets === true,
    allow: Array.isArray(allow) ? allow.filter((one) => typeof one === 'string') : [],
  };
}

function isToken(given: unknown, token: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Calls back with each line that is a JSON object; ends a connection that sends anything else. */
function eachLine(socket: net.Socket, listener: (message: Record<string, unknown>) => void): void {
  let pending = 0;
  socket.on('data', (chunk: Buffer) => {
    pending = chunk.includes(10) ? chunk.length - chunk.lastIndexOf(10) : pending + chunk.length;
    if (pending > MOST_LINE) socket.destroy();
  });
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
    .on('line', (line) => {
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        return void socket.destroy();
      }
      if (typeof message !== 'object' || message === null) return void socket.destroy();
      listener(message as Record<string, unknown>);
    })
    .on('error', () => socket.destroy());
}

async function connectTo(address: string): Promise<net.Socket | undefined> {
  return new Promise((done) => {
    const socket = net.connect(address);
    socket.once('connect', () => done(socket));
    socket.once('error', () => done(undefined));
  });
}

/** Joins the engine that works with this data folder; undefined when none runs. */
export async function joinEngine(dataFolder: string, who: Introduction): Promise<AgentLink | undefined> {
  const places = placesOf(dataFolder);
  let token: string;
  try {
    token = readFileSync(places.token, 'utf8');
  } catch {
    return undefined;
  }
  const socket = await connectTo(places.socket);
  if (socket === undefined) return undefined;
  const waiting = new Map<number, (reply: ToolReply) => void>();
  let welcome: (() => void) | undefined;
  let count = 0;
  let closed = false;
  const gone: ToolReply = {
    ok: false,
    refused: false,
    problem: { message: 'Sessionscope was closed', remedy: 'Call again: it is started where none runs.' },
  };
  eachLine(socket, (message) => {
    if (message['welcome'] === true) return welcome?.();
    const id = Number(message['id']);
    waiting.get(id)?.(message['reply'] as ToolReply);
    waiting.delete(id);
  });
  const welcomed = await new Promise<boolean>((done) => {
    welcome = () => done(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      closed = true;
      for (const answer of waiting.values()) answer(gone);
      waiting.clear();
      done(false);
    });
    socket.write(`${JSON.stringify({ token, ...who })}\n`);
  });
  if (!welcomed) return undefined;
  return {
    call: (tool, input) =>
      closed
        ? Promise.resolve(gone)
        : new Promise((done) => {
            count += 1;
            waiting.set(count, done);
            socket.write(`${JSON.stringify({ id: count, tool, input })}\n`);
          }),
    close: () => socket.destroy(),
    isOver: () => closed,
  };
}
