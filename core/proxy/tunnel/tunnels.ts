import { isIP } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { toProblem } from '../../model/problem.ts';
import { isHostName, type LeafCertificates } from '../certificates/leaf.ts';
import { holdReads, leaveReads, takeReads } from '../direct-reads.ts';
import { CHECK_HOST, type Engine } from '../engine.ts';
import { EngineExchange } from '../engine-exchange.ts';
import type { Arrival } from '../http1/client-connection.ts';
import type { OriginTarget } from '../origin/open.ts';
import { hostPort } from '../target.ts';
import { readFirstBytes } from './client-hello.ts';
import { splice } from './splice.ts';

/** Protocols as the extension carries them (RFC 7301 section 3.1): a list of names would be coded for each handshake. */
const HTTP1 = Buffer.from('\x08http/1.1', 'latin1');
const HTTP2_OR_1 = Buffer.from('\x02h2\x08http/1.1', 'latin1');
const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';

type Opened = (error: Error | undefined, socket: Duplex | undefined) => void;
type Open = (done: Opened) => () => void;

export interface TunnelUsers {
  /** A connection that speaks HTTP/1, decrypted. */
  http1(socket: Duplex, arrival: Arrival): void;
  /** A connection that speaks HTTP/2, decrypted. */
  http2(socket: Duplex, arrival: Arrival): void;
  /** Opens a byte tunnel to an application: with TLS of our own where the target is secure. */
  openBlind(target: OriginTarget, done: Opened): () => void;
  certificates(): LeafCertificates;
}

interface OpenTunnel {
  /** Where it leads. */
  readonly host: string;
  readonly port: number;
  /** It passes unread. */
  readonly blind: boolean;
  /** A TLS handshake with the client that is not over: since when (performance clock), and what breaks it off. */
  handshake: { readonly since: number; failed(error: Error): void } | undefined;
}

/** What happens after CONNECT: looks at the first bytes and intercepts TLS and HTTP, or passes the bytes on unread. */
export class Tunnels {
  readonly #engine: Engine;
  readonly #users: TunnelUsers;
  /** By the client's connection. */
  readonly #open = new Map<Duplex, OpenTunnel>();

  constructor(engine: Engine, users: TunnelUsers) {
    this.#engine = engine;
    this.#users = users;
  }

  open(socket: Duplex, target: { host: string; port: number }, firstBytes: Buffer, arrival: Arrival): void {
    const blind = this.#isBlind(target);
    this.#open.set(socket, { ...target, blind, handshake: undefined });
    socket.on('close', () => this.#open.delete(socket));
    if (blind) {
      socket.pause();
      this.#blind(socket, target, firstBytes, arrival, true);
      return;
    }
    socket.write(ESTABLISHED, 'latin1');
    this.#prepare(target);
    this.#peek(socket, target, firstBytes, arrival);
  }

  /** Closes the tunnels that are read and shall not be, or the other way about. How a host is recorded changes nothing. */
  scopeChanged(): void {
    for (const [socket, tunnel] of this.#open) if (this.#isBlind(tunnel) !== tunnel.blind) socket.destroy();
  }

  /** Breaks off handshakes that take too long: a timer for each would cost a part of it. `now`: performance clock. */
  sweep(now: number): void {
    const { handshakeTimeout } = this.#engine.limits;
    for (const { handshake } of this.#open.values()) {
      if (handshake !== undefined && now - handshake.since > handshakeTimeout) {
        handshake.failed(new Error(`no TLS handshake within ${handshakeTimeout} ms`));
      }
    }
  }

  #isBlind({ host, port }: { readonly host: string; readonly port: number }): boolean {
    return this.#engine.scopeOf(host, port) === 'blind';
  }

  #isOwn({ host, port }: { readonly host: string; readonly port: number }): boolean {
    return host === CHECK_HOST || this.#engine.isSelf(host, port);
  }

  /** Makes the certificate while the client makes its hello, which nearly always asks for the name it connects to. */
  #prepare({ host, port }: { host: string; port: number }): void {
    if (port === 80 || !(isHostName(host) || isIP(host) !== 0)) return;
    try {
      this.#users.certificates().contextFor(host);
    } catch {
      // told when it is needed
    }
  }

  #peek(socket: Duplex, target: { host: string; port: number }, first: Buffer, arrival: Arrival): void {
    let bytes = first;
    let settled = false;
    const settle = () => {
      settled = true;
      clearTimeout(timer);
      leaveReads(socket, onData);
      socket.off('end', gone);
      socket.off('close', gone);
    };
    const gone = () => {
      settle();
      socket.destroy();
    };
    const look = () => {
      const found = readFirstBytes(bytes);
      if (found.kind === 'incomplete') return;
      settle();
      if (found.kind === 'tls' && found.alpn === 'foreign') {
        // A protocol that we do not speak, by the client's own word: our certificate would not help it.
        socket.pause();
        this.#blind(socket, target, bytes, arrival, false);
        return;
      }
      if (found.kind === 'tls') {
        holdReads(socket);
        this.#intercept(socket, target, bytes, found, arrival);
        return;
      }
      socket.pause();
      if (found.kind === 'other') this.#blind(socket, target, bytes, arrival, false);
      else {
        if (bytes.length > 0) socket.unshift(bytes);
        const inside: Arrival = { client: arrival.client, tunnel: { secure: false, ...target } };
        if (found.kind === 'http2') this.#users.http2(socket, inside);
        else this.#users.http1(socket, inside);
      }
    };
    const onData = (more: Buffer) => {
      bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
      look();
    };
    // A client that says nothing waits for the other side to speak first, which no protocol of ours does.
    let timer = setTimeout(() => {
      if (bytes[0] === 0x16) {
        timer = setTimeout(gone, this.#engine.limits.handshakeTimeout); // a hello on its way, slowly
        return;
      }
      settle();
      socket.pause();
      this.#blind(socket, target, bytes, arrival, false);
    }, this.#engine.limits.peekTimeout);
    takeReads(socket, onData);
    socket.on('end', gone);
    socket.on('close', gone);
    if (bytes.length > 0) look();
    if (!settled) socket.resume();
  }

  #intercept(
    socket: Duplex,
    connectTo: { host: string; port: number },
    bytes: Buffer,
    hello: { offersHttp2: boolean; servername: string | undefined; alpn?: 'none' | 'foreign' },
    arrival: Arrival,
  ): void {
    const { servername } = hello;
    const named = servername !== undefined && isHostName(servername) && isIP(servername) === 0;
    const target: OriginTarget = {
      secure: true,
      ...connectTo,
      ...(named && servername !== connectTo.host ? { servername } : {}),
    };
    const proceed = (protocol: string) => {
      if (socket.destroyed) return;
      this.#handshake(socket, target, bytes, { http2: protocol === 'h2', named: hello.alpn === undefined }, arrival);
    };
    if (!hello.offersHttp2 || this.#isOwn(connectTo)) {
      proceed('http/1.1');
      return;
    }
    // The client is offered what the application speaks, so that nothing needs to be translated.
    this.#engine.pool.protocolOf(target, proceed);
  }

  #handshake(
    socket: Duplex,
    target: OriginTarget,
    bytes: Buffer,
    protocol: { readonly http2: boolean /** The client has named HTTP. */; readonly named: boolean },
    arrival: Arrival,
  ): void {
    const host = target.servername ?? target.host;
    let tls: TLSSocket;
    try {
      const certificates = this.#users.certificates();
      socket.unshift(bytes);
      tls = new TLSSocket(socket as never, {
        isServer: true,
        secureContext: certificates.contextFor(host),
        ALPNProtocols: protocol.http2 ? HTTP2_OR_1 : HTTP1,
      });
    } catch (error) {
      this.#engine.log.log(`certificate ${host}`, `No certificate for ${host}: ${toProblem(error).message}`);
      socket.destroy();
      return;
    }
    const tunnel = this.#open.get(socket);
    let settled = false;
    const settle = () => {
      settled = true;
      if (tunnel !== undefined) tunnel.handshake = undefined;
    };
    const failed = (error: Error) => {
      if (settled) return;
      settle();
      socket.destroy();
      tls.destroy();
      const where = { host, connectHost: target.host, port: target.port, clientAddress: arrival.client.address };
      this.#engine.hooks.clientTlsError(where, error);
      this.#engine.log.log(
        `client tls ${host}`,
        `${arrival.client.address} broke off TLS for ${host}: ${error.message}`,
      );
    };
    if (tunnel !== undefined) tunnel.handshake = { since: performance.now(), failed };
    tls.on('error', failed);
    tls.on('_tlsError', failed);
    tls.on('close', () => {
      if (!settled) failed(new Error('the connection was closed during the handshake'));
      socket.destroy(); // also later: neither lives without the other
    });
    tls.on('secure', () => {
      if (settled) return;
      settle();
      // Only tls.Server clears this; http2 waits for it.
      (tls as { secureConnecting?: boolean }).secureConnecting = false;
      const inside: Arrival = { client: arrival.client, tunnel: target };
      if (tls.alpnProtocol === 'h2') this.#users.http2(tls, inside);
      else if (protocol.named || this.#isOwn(target)) this.#users.http1(tls, inside);
      else this.#peekInside(tls, target, inside);
    });
  }

  /**
   * Looks at what a client says inside TLS that has not named its protocol. What is not HTTP passes on unread, by TLS of
   * our own; where both sides wait, the application may be the one that speaks first.
   */
  #peekInside(tls: TLSSocket, target: OriginTarget, inside: Arrival): void {
    let bytes: Buffer = Buffer.alloc(0);
    let origin: Duplex | undefined;
    let giveUp: (() => void) | undefined;
    const settle = () => {
      clearTimeout(timer);
      tls.off('data', onData);
      tls.off('end', gone);
      tls.off('close', gone);
      tls.pause();
    };
    const gone = () => {
      settle();
      giveUp?.();
      origin?.destroy();
      tls.destroy();
    };
    const pass = () => {
      settle();
      giveUp?.();
      const opened = origin;
      const open: Open =
        opened === undefined
          ? (done) => this.#users.openBlind(target, done)
          : (done) => {
              done(undefined, opened);
              return () => opened.destroy();
            };
      this.#blind(tls, target, bytes, inside, false, open);
    };
    const onData = (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      const found = readFirstBytes(bytes);
      if (found.kind === 'incomplete') return;
      if (found.kind === 'tls' || found.kind === 'other') return pass();
      settle();
      giveUp?.();
      origin?.destroy();
      tls.unshift(bytes);
      if (found.kind === 'http2') this.#users.http2(tls, inside);
      else this.#users.http1(tls, inside);
    };
    const timer = setTimeout(() => {
      if (bytes.length > 0) return pass();
      giveUp = this.#users.openBlind(target, (_error, socket) => {
        giveUp = undefined;
        // What cannot be reached is told when the client asks for something.
        if (socket === undefined) return;
        origin = socket;
        socket.once('close', () => {
          if (origin === socket) origin = undefined;
        });
        socket.once('readable', () => {
          if (
            origin === socket &&
            !tls.destroyed &&
            socket.readableLength > 0 &&
            tls.listeners('data').includes(onData)
          )
            pass();
        });
      });
    }, this.#engine.limits.peekTimeout);
    tls.on('data', onData);
    tls.on('end', gone);
    tls.on('close', gone);
    tls.resume();
  }

  /** @param answer CONNECT was not answered yet: the application's refusal can still be told. */
  #blind(
    socket: Duplex,
    target: { readonly host: string; readonly port: number; readonly secure?: boolean },
    first: Buffer,
    arrival: Arrival,
    answer: boolean,
    open: Open = (done) => this.#users.openBlind({ ...target, secure: false, tunnel: true }, done),
  ): void {
    const engine = this.#engine;
    const exchange = new EngineExchange({
      id: engine.nextId(),
      startedAt: engine.clock(),
      kind: 'tunnel',
      client: arrival.client,
      scope: engine.scopeOf(target.host, target.port) === 'record' ? 'record' : 'pass',
      secure: target.secure === true,
      request: { method: 'CONNECT', url: hostPort(target.host, target.port), httpVersion: '1.1', rawHeaders: [] },
    });
    engine.hooks.tunnel(exchange);
    const end = (error: Error | undefined) => {
      if (error !== undefined) {
        exchange.error = toProblem(error).message;
        engine.hooks.error(exchange, error);
      }
      engine.hooks.end(exchange);
    };
    let waiting = true;
    const gone = () => {
      if (!waiting) return;
      waiting = false;
      giveUp();
      end(new Error('the client went away'));
    };
    socket.once('close', gone);
    const giveUp = open((error, origin) => {
      if (!waiting) return void origin?.destroy();
      waiting = false;
      socket.off('close', gone);
      if (origin === undefined) {
        if (answer) socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', 'latin1');
        else socket.destroy();
        return end(error);
      }
      const { remoteAddress, remotePort } = origin as { remoteAddress?: string; remotePort?: number };
      if (remoteAddress !== undefined) exchange.server = { address: remoteAddress, port: remotePort ?? 0 };
      if (answer) socket.write(ESTABLISHED, 'latin1');
      splice({
        client: socket,
        origin,
        fromClient: first,
        fromOrigin: Buffer.alloc(0),
        halfClosed: engine.limits.halfClosed,
        onClientBytes: (bytes) => {
          exchange.requestBytes += bytes.length;
        },
        onOriginBytes: (bytes) => {
          exchange.responseBytes += bytes.length;
        },
        done: end,
      });
    });
  }
}
