import { createServer, type Server, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { problem } from '../model/problem.ts';
import type { CertificateAuthority } from './certificates/authority.ts';
import { LeafCertificates } from './certificates/leaf.ts';
import type { Engine } from './engine.ts';
import type { Scope } from './exchange.ts';
import { HookRunner } from './hook-runner.ts';
import { type Arrival, ClientConnection } from './http1/client-connection.ts';
import { Http2Front } from './http2/front.ts';
import { Http2Origin } from './http2/origin-session.ts';
import { defaultLimits, type ProxyLimits } from './limits.ts';
import { LogOnce } from './log-once.ts';
import type { Proxy as ProxyHandle, ProxyOptions } from './options.ts';
import { UpstreamContexts } from './origin/contexts.ts';
import { openOrigin } from './origin/open.ts';
import { OriginPool } from './origin/pool.ts';
import { isLoopback, OwnAddresses } from './own-addresses.ts';
import { ReadBuffers } from './read-buffers.ts';
import { hostPort } from './target.ts';
import { Tunnels } from './tunnel/tunnels.ts';

export type { Proxy, ProxyOptions } from './options.ts';

const SWEEP = 1000;
/** What is under way when the proxy closes has so long to end, in milliseconds. */
const CLOSING = 2000;

/**
 * Starts the intercepting proxy.
 * @throws ProblemError `password-needed` for an address beyond loopback without `auth`; `port-refused` when not even a
 *   free port can be had.
 */
export async function startProxy(options: ProxyOptions): Promise<ProxyHandle> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && options.auth === undefined) {
    throw problem('password-needed', `Opening the proxy to the network on ${host} needs a password`, {
      remedy: 'Give a user name and a password, or listen on 127.0.0.1',
    });
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const preferredPortTaken = await listen(server, host, options.port ?? 0);
  return new RunningProxy(options, server, host, preferredPortTaken);
}

class RunningProxy implements ProxyHandle {
  readonly host: string;
  readonly port: number;
  readonly preferredPortTaken: boolean;
  readonly #server: Server;
  readonly #engine: Engine;
  readonly #pool: OriginPool;
  readonly #limits: ProxyLimits;
  readonly #sockets = new Set<Socket>();
  readonly #idleCandidates = new Set<ClientConnection>();
  readonly #tunnels: Tunnels;
  readonly #http2: Http2Front;
  readonly #sweeper: NodeJS.Timeout;
  #scope: (host: string, port: number) => Scope;
  #leaves: LeafCertificates;
  #ids = 0;

  constructor(options: ProxyOptions, server: Server, host: string, preferredPortTaken: boolean) {
    const address = server.address() as { address: string; port: number };
    this.host = host;
    this.port = address.port;
    this.preferredPortTaken = preferredPortTaken;
    this.#server = server;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#scope = options.scope ?? (() => 'record');
    const clock = options.clock ?? Date.now;
    const log = new LogOnce(options.log);
    const own = new OwnAddresses(address.address, address.port);
    const prefix = clock().toString(36);
    const engine: Engine = {
      hooks: new HookRunner(options.hooks, log),
      limits: this.#limits,
      log,
      clock,
      upstream: options.upstream,
      tls: options.tls,
      localAddress: options.localAddress,
      authorization:
        options.auth && `Basic ${Buffer.from(`${options.auth.user}:${options.auth.password}`).toString('base64')}`,
      get pool() {
        return pool;
      },
      scopeOf: (name, port) => this.#scope(name, port),
      isSelf: (name, port) => own.has(name, port),
      readBuffers: new ReadBuffers(),
      nextId: () => `${prefix}-${(++this.#ids).toString(36)}`,
    };
    const pool = new OriginPool(engine, (opened, target) => new Http2Origin(opened, target, this.#limits));
    this.#engine = engine;
    this.#pool = pool;
    this.#leaves = new LeafCertificates(options.authority, this.#limits.certificates, clock);
    this.#http2 = new Http2Front(engine);
    const plain = new UpstreamContexts(undefined);
    this.#tunnels = new Tunnels(engine, {
      http1: (socket, arrival) => this.#serve(socket, arrival),
      http2: (socket, arrival) => this.#http2.accept(socket, arrival),
      openBlind: (target, done) =>
        openOrigin(engine, plain, target, [], (error, opened) => done(error, opened?.socket)),
      certificates: () => this.#leaves,
    });
    server.on('connection', (socket: Socket) => this.#accept(socket));
    server.on('error', (error) => log.log('server', `The proxy's port failed: ${error.message}`));
    this.#sweeper = setInterval(
      () => this.#sweep(),
      Math.min(SWEEP, this.#limits.headTimeout, this.#limits.clientIdle),
    );
    this.#sweeper.unref();
  }

  get address(): string {
    return hostPort(this.host, this.port);
  }

  get connections(): number {
    return this.#sockets.size;
  }

  setScope(scope: (host: string, port: number) => Scope): void {
    this.#scope = scope;
    // A kept tunnel would go on in the old way; browsers open a new one at once.
    this.closeAllConnections();
  }

  resetUpstream(): void {
    this.#pool.reset();
  }

  setAuthority(authority: CertificateAuthority): void {
    this.#leaves = new LeafCertificates(authority, this.#limits.certificates, this.#engine.clock);
  }

  closeAllConnections(): void {
    this.#http2.closeAll();
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.closeAllConnections();
    this.#pool.close();
    await closed;
    // Applications are told of the end a moment later, and only then a WebSocket is over for those who record it.
    await this.#engine.hooks.settled(CLOSING);
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= this.#limits.connections && !this.#closeLongestIdle()) {
      this.#engine.log.log(
        'connections',
        `More than ${this.#limits.connections} connections at once: new ones are closed`,
      );
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('error', ignore);
    socket.on('close', () => this.#sockets.delete(socket));
    const client = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    this.#serve(socket, { client });
  }

  #serve(socket: Duplex, arrival: Arrival): void {
    if (socket.destroyed || socket.readableEnded) {
      socket.destroy(); // gone while it was being looked at
      return;
    }
    const connection = new ClientConnection(this.#engine, socket, arrival, {
      connect: (raw, target, first, from) => this.#tunnels.open(raw, target, first, from),
      closed: (gone) => this.#idleCandidates.delete(gone),
    });
    this.#idleCandidates.add(connection);
    socket.resume();
  }

  #closeLongestIdle(): boolean {
    let oldest: ClientConnection | undefined;
    for (const connection of this.#idleCandidates) {
      const since = connection.idleSince;
      if (since !== undefined && (oldest?.idleSince === undefined || since < oldest.idleSince)) oldest = connection;
    }
    oldest?.close();
    return oldest !== undefined;
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#idleCandidates) connection.sweep(now);
    this.#http2.sweep(now);
    this.#pool.sweep(now);
  }
}

/** Listens on the preferred port or, when that is taken or not allowed, on a free one. */
async function listen(server: Server, host: string, port: number): Promise<boolean> {
  const attempt = (on: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: on, backlog: 4096 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await attempt(port);
    return false;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (port === 0 || (code !== 'EADDRINUSE' && code !== 'EACCES')) {
      throw problem('port-refused', `The proxy cannot listen on ${host}: ${message}`, { cause: error });
    }
    await attempt(0);
    return true;
  }
}

function ignore(): void {}
