import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Session handling of another stack, right and wrong: files of JSON, or memory. */
export interface NodeAppOptions {
  /** Folder of the session files; in memory when absent. */
  readonly dir?: string;
  /** Milliseconds without use after which a session is refused at the request. */
  readonly idleMs?: number;
  /** Whether the last use is a time inside the data or the file's own. */
  readonly idleBy?: 'data' | 'file';
  readonly absoluteMs?: number;
  readonly bindAddress?: boolean;
  /** Takes the first address of X-Forwarded-For for the visitor's. */
  readonly believesForwarding?: boolean;
  /** Ids of any visitor are taken over, ids are used as paths, or are checked first. */
  readonly ids?: 'checked' | 'adopted' | 'paths';
  readonly logout?: 'ends' | 'cookie-only';
}

interface Data {
  user: string | null;
  createdAt: number;
  lastSeen: number;
  ip?: string;
}

/** GET /login, /whoami, /logout on a free port of 127.0.0.1; the cookie is `sid`. */
export async function startNodeApp(options: NodeAppOptions): Promise<{ origin: string; stop(): Promise<void> }> {
  const memory = new Map<string, Data>();
  const file = (id: string) => path.join(options.dir ?? '', id);
  const load = (id: string): Data | undefined => {
    if (options.dir === undefined) return memory.get(id);
    if (!fs.existsSync(file(id))) return undefined;
    const stat = fs.statSync(file(id));
    if (!stat.isFile()) return undefined;
    const data = JSON.parse(fs.readFileSync(file(id), 'utf8')) as Data;
    // The time from before the reading, which counts as use under relatime.
    return options.idleBy === 'file' ? { ...data, lastSeen: stat.atimeMs } : data;
  };
  const save = (id: string, data: Data): void => {
    if (options.dir === undefined) memory.set(id, data);
    else {
      const { lastSeen, ...rest } = data;
      fs.writeFileSync(file(id), JSON.stringify(options.idleBy === 'file' ? rest : { ...rest, lastSeen }));
      fs.utimesSync(file(id), Date.now() / 1000, Date.now() / 1000);
    }
  };
  const remove = (id: string): void => {
    if (options.dir === undefined) memory.delete(id);
    else fs.rmSync(file(id), { force: true });
  };
  const server = http.createServer((request, response) => {
    try {
      answer(request, response);
    } catch {
      response.writeHead(500).end('internal error');
    }
  });
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    const raw = /(?:^|;\s*)sid=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const forwarded = options.believesForwarding ? request.headers['x-forwarded-for'] : undefined;
    const ip = String(forwarded ?? request.socket.remoteAddress)
      .split(',')[0]
      ?.trim();
    const { ids = 'checked' } = options;
    const now = Date.now();
    const given = ids === 'paths' ? decodeURIComponent(raw) : raw;
    const valid = ids === 'paths' ? given !== '' : /^[\w-]+$/.test(given);
    let data = valid ? load(given) : undefined;
    if (data !== undefined) {
      const idle = options.idleMs !== undefined && now - data.lastSeen > options.idleMs;
      const ended = options.absoluteMs !== undefined && now - data.createdAt > options.absoluteMs;
      const elsewhere = options.bindAddress === true && data.ip !== ip;
      if (idle || ended || elsewhere) data = undefined;
    }
    let id = given;
    const isNew = data === undefined;
    if (isNew && !(ids === 'adopted' && valid)) id = randomBytes(16).toString('hex');
    const session: Data = data ?? {
      user: null,
      createdAt: now,
      lastSeen: now,
      ...(options.bindAddress === true ? { ip: String(ip) } : {}),
    };
    const headers: http.OutgoingHttpHeaders =
      isNew && id !== given ? { 'Set-Cookie': `sid=${id}; HttpOnly; Path=/` } : {};
    if (request.url === '/login') {
      session.user = 'alice';
      save(id, { ...session, lastSeen: now });
      response.writeHead(200, headers).end('hello');
    } else if (request.url === '/logout') {
      if (options.logout !== 'cookie-only') remove(id);
      response.writeHead(302, { Location: '/', 'Set-Cookie': 'sid=; Max-Age=0; Path=/' }).end();
    } else {
      save(id, { ...session, lastSeen: now });
      if (session.user === null) response.writeHead(302, { ...headers, Location: '/login' }).end();
      else response.writeHead(200, headers).end(`logged in as ${session.user} at ${now}`);
    }
  };
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** A reverse proxy as many sites have it: the application sees its address for every visitor's. */
export async function startReverseProxy(target: string): Promise<{ origin: string; stop(): Promise<void> }> {
  const server = http.createServer((request, response) => {
    const { method = 'GET', url = '/', rawHeaders, socket } = request;
    const headers = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [name, rawHeaders[i + 1] ?? ''] : []));
    const onward = http.request(target + url, { method, agent: false });
    for (let i = 0; i < headers.length; i += 2) onward.setHeader(headers[i] ?? '', headers[i + 1] ?? '');
    onward.setHeader('X-Forwarded-For', String(socket.remoteAddress));
    onward.on('response', (got) => {
      response.writeHead(got.statusCode ?? 502, got.rawHeaders);
      got.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
