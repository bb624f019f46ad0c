import { performance } from 'node:perf_hooks';
import type { Engine } from '../engine.ts';
import { OriginConnection } from '../http1/origin-connection.ts';
import type { Http2Origin } from '../http2/origin-session.ts';
import { UpstreamContexts } from './contexts.ts';
import { type OpenedOrigin, type OriginTarget, openOrigin } from './open.ts';

/** What serves a request: an HTTP/1 connection of its own, or the HTTP/2 session of the host. */
export type Origin =
  | { readonly kind: 'http1'; readonly connection: OriginConnection; readonly fresh: OpenedOrigin | undefined }
  | { readonly kind: 'http2'; readonly session: Http2Origin; readonly fresh: OpenedOrigin | undefined };

/** Any kept connection; only an HTTP/2 session, which tells what it did not do with a request; or a new one. */
export type Reuse = 'any' | 'multiplexed' | 'none';

/** Kept connections to applications, and what is known of the protocols they speak. */
export class OriginPool {
  readonly #engine: Engine;
  readonly #openSession: (opened: OpenedOrigin, target: OriginTarget) => Http2Origin;
  readonly #contexts: UpstreamContexts;
  readonly #idle = new Map<string, OriginConnection[]>();
  readonly #open = new Set<OriginConnection>();
  /** Those that new requests join; one for each origin. */
  readonly #sessions = new Map<string, Http2Origin>();
  /** These and the ones that were opened for a single request; all of them close when they are idle. */
  readonly #all = new Set<Http2Origin>();
  readonly #protocols = new Map<string, string>();
  readonly #asking = new Map<string, ((protocol: string) => void)[]>();

  constructor(engine: Engine, openSession: (opened: OpenedOrigin, target: OriginTarget) => Http2Origin) {
    this.#engine = engine;
    this.#openSession = openSession;
    this.#contexts = new UpstreamContexts(engine.tls);
  }

  /**
   * A connection that can serve now. Calls back once, at once when a kept one is there.
   * @param http2 the client speaks HTTP/2, so the application may.
   * @param reuse which connections that were opened before may serve.
   * @returns a function that gives up waiting.
   */
  acquire(
    target: OriginTarget,
    http2: boolean,
    reuse: Reuse,
    done: (error: Error | undefined, origin: Origin | undefined) => void,
  ): (() => void) | undefined {
    const key = keyOf(target);
    if (http2 && reuse !== 'none') {
      const session = this.#sessions.get(key);
      if (session?.usable) {
        done(undefined, { kind: 'http2', session, fresh: undefined });
        return undefined;
      }
    }
    if (reuse === 'any' && !(http2 && this.#protocols.get(key) === 'h2')) {
      const idle = this.#idle.get(key);
      for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
        if (connection.usable) {
          done(undefined, { kind: 'http1', connection, fresh: undefined });
          return undefined;
        }
      }
    }
    return openOrigin(
      this.#engine,
      this.#contexts,
      http2 && !target.secure ? { ...target, tunnel: true } : target,
      http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      (error, opened) => {
        if (opened === undefined) return done(error, undefined);
        if (opened.protocol === 'h2')
          return done(undefined, {
            kind: 'http2',
            session: this.#join(key, opened, target, reuse === 'none'),
            fresh: opened,
          });
        // Without TLS there is no choice of protocols: a client that begins with HTTP/2 knows that the application does.
        if (http2 && !target.secure)
          return done(undefined, {
            kind: 'http2',
            session: this.#join(key, opened, target, reuse === 'none'),
            fresh: opened,
          });
        return done(undefined, { kind: 'http1', connection: this.#adopt(key, opened), fresh: opened });
      },
    );
  }

  /**
   * Which protocol the application chooses when it may choose HTTP/2. The connection made to find out is kept for the
   * first request. Never fails: HTTP/1.1 then shows the reason to the client.
   */
  protocolOf(target: OriginTarget, done: (protocol: string) => void): void {
    const key = keyOf(target);
    const known = this.#protocols.get(key);
    if (known !== undefined && (known !== 'h2' || this.#sessions.get(key)?.usable === true)) {
      done(known);
      return;
    }
    const asking = this.#asking.get(key);
    if (asking !== undefined) {
      asking.push(done);
      return;
    }
    const waiting = [done];
    this.#asking.set(key, waiting);
    openOrigin(this.#engine, this.#contexts, target, ['h2', 'http/1.1'], (_error, opened) => {
      this.#asking.delete(key);
      let protocol = 'http/1.1';
      if (opened?.protocol === 'h2') {
        protocol = 'h2';
        this.#join(key, opened, target, false);
      } else if (opened !== undefined) {
        const connection = this.#adopt(key, opened);
        this.#keep(key, connection);
      }
      if (opened !== undefined) {
        if (this.#protocols.size > 10_000) this.#protocols.clear();
        this.#protocols.set(key, protocol);
      }
      for (const answer of waiting) answer(protocol);
    });
  }

  /** Closes connections that were idle for too long. `now`: performance clock. */
  sweep(now: number): void {
    for (const [key, list] of this.#idle) {
      for (const connection of list.slice()) {
        if (now - connection.idleSince > this.#engine.limits.upstreamIdle) connection.close();
      }
      if (list.length === 0) this.#idle.delete(key);
    }
    for (const session of this.#all) session.sweep(now, this.#engine.limits.upstreamIdle);
  }

  /** Closes what is kept for a client alone. */
  closeOwned(owner: string): void {
    for (const [key, list] of this.#idle) {
      if (key.endsWith(`/${owner}`)) for (const connection of list.slice()) connection.close();
    }
  }

  /** Forgets everything kept; exchanges under way go on. */
  reset(): void {
    this.#contexts.reset();
    this.#protocols.clear();
    for (const list of [...this.#idle.values()]) for (const connection of list.slice()) connection.close();
    this.#idle.clear();
    for (const session of [...this.#all]) session.retire();
    this.#sessions.clear();
  }

  close(): void {
    this.reset();
    for (const connection of [...this.#open]) connection.close();
  }

  /** Kept connections now. */
  get idleCount(): number {
    let count = 0;
    for (const list of this.#idle.values()) count += list.length;
    return count;
  }

  /** @param own a request that was refused gets a session of its own: where streams are counted it is the first. */
  #join(key: string, opened: OpenedOrigin, target: OriginTarget, own: boolean): Http2Origin {
    const known = this.#sessions.get(key);
    if (known?.usable && !own) {
      opened.socket.destroy(); // two were opened at the same time
      return known;
    }
    const session = this.#openSession(opened, target);
    this.#all.add(session);
    if (!known?.usable) this.#sessions.set(key, session);
    session.onGone = () => {
      this.#all.delete(session);
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    };
    return session;
  }

  #adopt(key: string, opened: OpenedOrigin): OriginConnection {
    const connection = new OriginConnection(opened, this.#engine.limits);
    this.#open.add(connection);
    connection.onIdle = (idle, reusable) => {
      if (reusable) this.#keep(key, idle);
      else {
        this.#open.delete(idle);
        const list = this.#idle.get(key);
        const at = list?.indexOf(idle) ?? -1;
        if (at >= 0) list?.splice(at, 1);
      }
    };
    return connection;
  }

  #keep(key: string, connection: OriginConnection): void {
    let list = this.#idle.get(key);
    if (list === undefined) {
      list = [];
      this.#idle.set(key, list);
    }
    if (list.length >= this.#engine.limits.upstreamIdleCount) {
      connection.close();
      return;
    }
    connection.idleSince = performance.now();
    list.push(connection);
  }
}

let lastTarget: OriginTarget | undefined;
let lastKey = '';

function keyOf(target: OriginTarget): string {
  if (
    lastTarget === undefined ||
    target.host !== lastTarget.host ||
    target.port !== lastTarget.port ||
    target.secure !== lastTarget.secure ||
    target.servername !== lastTarget.servername ||
    target.tunnel !== lastTarget.tunnel ||
    target.owner !== lastTarget.owner
  ) {
    lastKey = keyText(target);
    lastTarget = target;
  }
  return lastKey;
}

function keyText(target: OriginTarget): string {
  return `${target.secure ? 's' : target.tunnel === true ? 't' : 'p'}${target.host}:${target.port}/${target.servername ?? ''}/${target.owner ?? ''}`;
}
