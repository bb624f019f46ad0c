import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { problem } from '../model/problem.ts';
import type { CertificateAuthority } from './certificates/authority.ts';
import { LeafCertificates } from './certificates/leaf.ts';
import type { Engine } from './engine.ts';
import type { Scope } from './exchange.ts';
import { HookDispatcher } from './hook-dispatcher.ts';
import { type Arrival, ClientConnection } from './http1/client-connection.ts';
import { Http2Front } from './http2/front.ts';
import { Http2Origin } from './http2/origin-session.ts';
import { defaultLimits, type ProxyLimits } from './limits.ts';
import { Listener } from './listener.ts';
import { LogOnce } from './log-once.ts';
import type { NetworkAsk, NetworkPort, Proxy as ProxyHandle, ProxyOptions } from './options.ts';
import { UpstreamContexts } from './origin/contexts.ts';
import { openOrigin } from './origin/open.ts';
import { OriginPool } from './origin/pool.ts';
import { isLoopback } from './own-addresses.ts';
import { ReadBuffers } from './read-buffers.ts';
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
  return serveProxy(await openProxyPort(options), options);
}

/** A port that the proxy will serve: its address is known before the proxy runs. */
export type ProxyPort = Listener;

/**
 * Opens the port alone. `serveProxy` must follow in the same turn of the event loop: connections that come in between
 * would be lost.
 * @throws ProblemError as `startProxy`
 */
export async function openProxyPort(
  options: Pick<ProxyOptions, 'host' | 'port' | 'auth' | 'clock' | 'identity'>,
): Promise<ProxyPort> {
  const { host = '127.0.0.1', port = 0, auth, clock = Date.now, identity } = options;
  if (!isLoopback(host) && auth === undefined) throw passwordNeeded(host);
  return Listener.open({ host, port, auth, clock, identity });
}

/** Runs the proxy on a port that was opened for it. */
export function serveProxy(port: ProxyPort, options: ProxyOptions): ProxyHandle {
  return new RunningProxy(options, port);
}

class RunningProxy implements ProxyHandle {
  readonly #listener: Listener;
  readonly #more = new Set<Listener>();
  #network: Listener | undefined;
  readonly #engine: Engine;
  readonly #pool: OriginPool;
  /** TLS with applications in tunnels that are not HTTP. */
  readonly #tunnelContexts: UpstreamContexts;
  readonly #limits: ProxyLimits;
  readonly #idleCandidates = new Set<ClientConnection>();
  readonly #tunnels: Tunnels;
  readonly #http2: Http2Front;
  readonly #sweeper: NodeJS.Timeout;
  #scope: (host: string, port: number) => Scope;
  #leaves: LeafCertificates;
  #ids = 0;

  constructor(options: ProxyOptions, listener: Listener) {
    this.#listener = listener;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#scope = options.scope ?? (() => 'record');
    const clock = options.clock ?? Date.now;
    const log = new LogOnce(options.log);
    const prefix = clock().toString(36);
    const engine: Engine = {
      hooks: new HookDispatcher(options.hooks, log),
      limits: this.#limits,
      log,
      clock,
      upstream: options.upstream,
      tls: options.tls,
      localAddress: options.localAddress,
      get pool() {
        return pool;
      },
      scopeOf: (name, port) => this.#scope(name, port),
      isSelf: (name, port) => this.#listeners.some((one) => one.isSelf(name, port)),
      readBuffers: new ReadBuffers(),
      nextId: () => `${prefix}-${(++this.#ids).toString(36)}`,
    };
    const pool = new OriginPool(engine, (opened, target) => new Http2Origin(opened, target, this.#limits));
    this.#engine = engine;
    this.#pool = pool;
    this.#leaves = new LeafCertificates(options.authority, this.#limits.certificates, clock);
    this.#http2 = new Http2Front(engine);
    const contexts = new UpstreamContexts(options.tls);
    this.#tunnelContexts = contexts;
    this.#tunnels = new Tunnels(engine, {
      http1: (socket, arrival) => this.#serve(socket, arrival),
      http2: (socket, arrival) => this.#http2.accept(socket, arrival),
      openBlind: (target, done) =>
        openOrigin(engine, contexts, target, [], (error, opened) => done(error, opened?.socket)),
      certificates: () => this.#leaves,
    });
    this.#serveOn(listener);
    const limits = this.#limits;
    this.#sweeper = setInterval(
      () => this.#sweep(),
      Math.min(SWEEP, ...[limits.headTimeout, limits.bodyIdle, limits.clientIdle, limits.handshakeTimeout]),
    );
    this.#sweeper.unref();
  }

  get host(): string {
    return this.#listener.host;
  }

  get port(): number {
    return this.#listener.port;
  }

  get address(): string {
    return this.#listener.address;
  }

  get preferredPortTaken(): boolean {
    return this.#listener.preferredPortTaken;
  }

  get connections(): number {
    return this.#listeners.reduce((sum, { sockets }) => sum + sockets.size, 0);
  }

  get network(): NetworkPort | undefined {
    if (this.#network === undefined) return undefined;
    const { host, port, preferredPortTaken } = this.#network;
    return { host, port, preferredPortTaken };
  }

  async openToNetwork({ host, port, user, password }: NetworkAsk): Promise<NetworkPort> {
    if (isLoopback(host)) {
      throw problem('bad-listen', `${host} is reached from this computer only`, {
        remedy: 'Give an address that other computers reach, or 0.0.0.0 for all of them.',
      });
    }
    if (user === '' || password === '') throw passwordNeeded(host);
    await this.closeToNetwork();
    const opened = await Listener.open({ host, port, auth: { user, password }, clock: this.#engine.clock });
    this.#network = opened;
    this.#serveOn(opened);
    return { host, port: opened.port, preferredPortTaken: opened.preferredPortTaken };
  }

  async closeToNetwork(): Promise<void> {
    const open = this.#network;
    this.#network = undefined;
    await open?.close();
  }

  setScope(scope: (host: string, port: number) => Scope): void {
    this.#scope = scope;
    // A kept tunnel would go on in the old way; browsers open a new one at once.
    this.#tunnels.scopeChanged();
  }

  resetUpstream(): void {
    this.#pool.reset();
    this.#tunnelContexts.reset();
  }

  setAuthority(authority: CertificateAuthority): void {
    this.#leaves = new LeafCertificates(authority, this.#limits.certificates, this.#engine.clock);
  }

  addPort(port: ProxyPort): void {
    this.#more.add(port);
    port.onClose(() => this.#more.delete(port));
    this.#serveOn(port);
  }

  closeAllConnections(): void {
    this.#http2.closeAll();
    for (const listener of this.#listeners) listener.closeConnections();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const closed = [this.#listener.close(), this.closeToNetwork(), ...[...this.#more].map((port) => port.close())];
    this.closeAllConnections();
    this.#pool.close();
    await Promise.all(closed);
    // Applications are told of the end a moment later, and only then a WebSocket is over for those who record it.
    await this.#engine.hooks.settled(CLOSING);
  }

  get #listeners(): Listener[] {
    const network = this.#network;
    return [this.#listener, ...this.#more, ...(network === undefined ? [] : [network])];
  }

  #serveOn(listener: Listener): void {
    listener.accept(
      (socket) => this.#accept(socket, listener),
      (error) => this.#engine.log.log('server', `The port ${listener.address} failed: ${error.message}`),
    );
  }

  #accept(socket: Socket, listener: Listener): void {
    if (this.connections >= this.#limits.connections && !this.#closeLongestIdle()) {
      this.#engine.log.log(
        'connections',
        `More than ${this.#limits.connections} connections at once: new ones are closed`,
      );
      socket.destroy();
      return;
    }
    listener.sockets.add(socket);
    socket.on('error', ignore);
    socket.on('close', () => listener.sockets.delete(socket));
    const { identity } = listener;
    const client = {
      address: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
      ...(identity === undefined ? {} : { identity }),
    };
    this.#serve(socket, { client, password: listener.password });
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
    let longest = this.#http2.longestIdle();
    for (const connection of this.#idleCandidates) {
      const since = connection.idleSince;
      if (since === undefined || (longest !== undefined && since >= longest.since)) continue;
      longest = { since, close: () => connection.close() };
    }
    longest?.close();
    return longest !== undefined;
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#idleCandidates) connection.sweep(now);
    this.#tunnels.sweep(now);
    this.#http2.sweep(now);
    this.#pool.sweep(now);
  }
}

function passwordNeeded(host: string): Error {
  return problem('password-needed', `Opening the proxy to the network on ${host} needs a password`, {
    remedy: 'Give a user name and a password, or listen on 127.0.0.1.',
  });
}

function ignore(): void {}
