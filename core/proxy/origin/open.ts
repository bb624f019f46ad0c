import { connect, isIP, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { problem } from '../../model/problem.ts';
import { withDirectReads } from '../direct-reads.ts';
import type { Engine } from '../engine.ts';
import { localLookup } from '../local-names.ts';
import type { Target, UpstreamConnection } from '../options.ts';
import { hostPort } from '../target.ts';
import { isDistrust, type UpstreamContexts } from './contexts.ts';

/** Where to connect, and the name to ask for in TLS when it is not the host. */
export interface OriginTarget extends Target {
  readonly servername?: string | undefined;
  /** The only client whose requests may go by the connection: it logs in on it. */
  readonly owner?: string | undefined;
}

export interface OpenedOrigin {
  readonly socket: Duplex;
  /** `h2`, `http/1.1`, or empty. */
  readonly protocol: string;
  readonly server: { readonly address: string; readonly port: number } | undefined;
  readonly connectMs: number;
  readonly tlsMs: number | undefined;
  readonly forward: UpstreamConnection['forward'];
}

/**
 * Opens a connection to an application: straight or by the connector, with TLS where the target asks for it.
 * Calls back exactly once. @returns a function that gives up.
 */
export function openOrigin(
  engine: Engine,
  contexts: UpstreamContexts,
  target: OriginTarget,
  protocols: readonly string[],
  done: (error: Error | undefined, opened: OpenedOrigin | undefined) => void,
): () => void {
  const started = performance.now();
  const giveUp = new AbortController();
  let socket: Duplex | undefined;
  let finished = false;
  const finish = (error: Error | undefined, opened?: OpenedOrigin) => {
    if (finished) return;
    finished = true;
    clearTimeout(timer);
    if (error !== undefined) {
      giveUp.abort();
      socket?.destroy();
    }
    done(error, opened);
  };
  const timer = setTimeout(
    () =>
      finish(
        problem('upstream-timeout', `No connection to ${where(target)} within ${engine.limits.connectTimeout} ms`),
      ),
    engine.limits.connectTimeout,
  );
  const connected = (raw: Duplex, forward: UpstreamConnection['forward']) => {
    if (finished) return raw.destroy();
    socket = raw;
    const tcp = raw as Partial<Socket>;
    if (engine.isSelf(tcp.remoteAddress, tcp.remotePort)) {
      return finish(problem('loop', `${where(target)} is this proxy itself`));
    }
    const server =
      tcp.remoteAddress === undefined ? undefined : { address: tcp.remoteAddress, port: tcp.remotePort ?? 0 };
    const connectMs = performance.now() - started;
    if (!target.secure)
      return finish(undefined, { socket: raw, protocol: '', server, connectMs, tlsMs: undefined, forward });
    secure(raw, (error, tls) =>
      tls === undefined
        ? finish(tlsProblem(target, error))
        : finish(undefined, {
            socket: tls,
            protocol: tls.alpnProtocol || '',
            server,
            connectMs,
            tlsMs: performance.now() - started - connectMs,
            forward: undefined,
          }),
    );
  };
  const secure = (raw: Duplex, then: (error: Error | undefined, tls?: TLSSocket) => void) => {
    let settings: ReturnType<UpstreamContexts['settingsFor']>;
    try {
      settings = contexts.settingsFor(target);
    } catch (error) {
      return then(error as Error);
    }
    const servername = target.servername ?? (isIP(target.host) === 0 ? target.host : undefined);
    const tls = connectTls({
      socket: raw,
      host: target.host,
      ...(servername === undefined ? {} : { servername }),
      ALPNProtocols: [...protocols],
      secureContext: settings.context,
      rejectUnauthorized: settings.verify,
    });
    socket = tls;
    const failed = (error: Error) => then(error);
    const closed = () => then(new Error('the connection was closed during the TLS handshake'));
    tls.once('error', failed);
    tls.once('close', closed);
    tls.once('secureConnect', () => {
      tls.off('error', failed);
      tls.off('close', closed);
      tls.on('error', ignore);
      then(undefined, tls);
    });
  };

  const other = engine.upstream?.connect(target, giveUp.signal, engine.isSelf);
  if (other !== undefined) {
    other.then(
      (connection) => {
        connection.socket.on('error', ignore);
        connected(connection.socket, connection.forward);
      },
      (error) => finish(error instanceof Error ? error : new Error(String(error))),
    );
  } else {
    socket = connectStraight(engine, target, (error, raw) =>
      raw === undefined ? finish(error) : connected(raw, undefined),
    );
  }
  return () => finish(problem('aborted', 'The client went away'));
}

/** A plain TCP connection to a target from the engine's local address. */
export function connectStraight(
  engine: Pick<Engine, 'localAddress'>,
  target: { readonly host: string; readonly port: number },
  done: (error: Error | undefined, socket?: Socket) => void,
): Socket {
  const from = engine.localAddress;
  const socket = withDirectReads((onread) =>
    connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      ...(onread === undefined ? {} : { onread }),
      ...(from === undefined ? {} : { localAddress: from, family: isIP(from) }),
      ...localLookup(target.host),
    }),
  );
  const failed = (error: Error) => done(connectProblem(target, error));
  socket.once('error', failed);
  socket.once('connect', () => {
    socket.off('error', failed);
    socket.on('error', ignore); // `close` follows and is what counts
    done(undefined, socket);
  });
  return socket;
}

function ignore(): void {}

function where(target: { readonly host: string; readonly port: number }): string {
  return hostPort(target.host, target.port);
}

function connectProblem(target: { readonly host: string; readonly port: number }, error: Error): Error {
  // With several addresses tried, Node gives an AggregateError; its first error tells as much as all of them.
  const first = error instanceof AggregateError ? ((error.errors[0] as Error | undefined) ?? error) : error;
  const code = (first as NodeJS.ErrnoException).code;
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there (connection refused)',
    ENOTFOUND: 'the host name is not known',
    EAI_AGAIN: 'the host name cannot be looked up now',
    ETIMEDOUT: 'it does not answer',
    EHOSTUNREACH: 'there is no route to it',
    ENETUNREACH: 'there is no route to it',
    ECONNRESET: 'it closed the connection',
  };
  const reason = (code !== undefined && words[code]) || first.message;
  return problem('upstream-unreachable', `Cannot connect to ${where(target)}: ${reason}`, {
    where: where(target),
    cause: error,
  });
}

function tlsProblem(target: OriginTarget, error: Error | undefined): Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return problem('upstream-tls', `TLS with ${where(target)} failed: ${error?.message ?? code ?? 'unknown'}`, {
    where: where(target),
    ...(code !== undefined && isDistrust(code)
      ? { remedy: 'Trust its certificate authority or switch verification off for this host' }
      : {}),
    cause: error,
  });
}
