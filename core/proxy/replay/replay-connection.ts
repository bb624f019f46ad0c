import { isIP, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { problem } from '../../model/problem.ts';
import type { UpstreamConnection } from '../options.ts';
import type { UpstreamContexts } from '../origin/contexts.ts';
import { connectStraight } from '../origin/open.ts';
import { type Destination, hostPort } from '../target.ts';
import type { ReplayPorts } from './replay-types.ts';

/** A connection of one replay's own. */
export interface ReplayConnection {
  readonly socket: Duplex;
  readonly protocol: string;
  readonly forward: UpstreamConnection['forward'];
  readonly server?: { readonly address: string; readonly port: number };
  readonly local?: { readonly address: string; readonly port: number };
  readonly connectMs: number;
  readonly tlsMs?: number;
}

/** Opens it, from the given local address, through the upstream proxy where one is for the target. */
export async function openReplayConnection(
  target: Destination,
  http2: boolean,
  localAddress: string | undefined,
  ports: Pick<ReplayPorts, 'upstream'>,
  contexts: UpstreamContexts,
  signal: AbortSignal,
): Promise<ReplayConnection> {
  const started = performance.now();
  // A proxy in between would hide the address that was asked for.
  const other = localAddress === undefined ? ports.upstream?.connect({ ...target, tunnel: http2 }, signal) : undefined;
  const { socket, forward } =
    other === undefined ? { socket: await straight(target, localAddress, signal), forward: undefined } : await other;
  const tcp = socket as Partial<Socket>;
  const facts = {
    ...(tcp.remoteAddress === undefined ? {} : { server: { address: tcp.remoteAddress, port: tcp.remotePort ?? 0 } }),
    ...(tcp.localAddress === undefined ? {} : { local: { address: tcp.localAddress, port: tcp.localPort ?? 0 } }),
    connectMs: performance.now() - started,
  };
  if (!target.secure) return { socket, protocol: http2 ? 'h2' : 'http/1.1', forward, ...facts };
  const tls = await secured(socket, target, http2, contexts, signal);
  return {
    socket: tls,
    protocol: tls.alpnProtocol || 'http/1.1',
    forward: undefined,
    ...facts,
    tlsMs: performance.now() - started - facts.connectMs,
  };
}

function straight(target: Destination, localAddress: string | undefined, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectStraight({ localAddress }, target, (error, connected) => {
      signal.removeEventListener('abort', abort);
      if (connected === undefined) reject(error);
      else resolve(connected);
    });
    const abort = () => {
      socket.destroy();
      reject(problem('cancelled', 'Cancelled'));
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function secured(
  raw: Duplex,
  target: Destination,
  http2: boolean,
  contexts: UpstreamContexts,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { context, verify } = contexts.settingsFor(target);
    const tls = connectTls({
      socket: raw,
      host: target.host,
      ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
      ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      secureContext: context,
      rejectUnauthorized: verify,
    });
    const abort = () => tls.destroy();
    signal.addEventListener('abort', abort, { once: true });
    const fail = (error?: Error) =>
      reject(
        problem(
          'upstream-tls',
          `TLS with ${hostPort(target.host, target.port)} failed: ${error?.message ?? 'closed'}`,
          {
            cause: error,
          },
        ),
      );
    tls.once('error', fail);
    tls.once('close', fail);
    tls.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      tls.off('close', fail);
      resolve(tls);
    });
  });
}
