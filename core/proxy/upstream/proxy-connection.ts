import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { SocksClient } from 'socks';
import { problem } from '../../model/problem.ts';
import { localLookup } from '../local-names.ts';
import type { IsSelf, Target, UpstreamConnection } from '../options.ts';
import { isDistrust, type UpstreamContexts } from '../origin/contexts.ts';
import { hostPort } from '../target.ts';
import type { UpstreamProxy } from './upstream-settings.ts';

type Server = Exclude<UpstreamProxy, { kind: 'direct' | 'pac' }>;

export interface ConnectionOptions {
  readonly localAddress?: string;
  /** TLS with HTTPS proxies; the runtime's defaults when absent. */
  readonly contexts?: UpstreamContexts;
  /** Milliseconds for the proxy to answer. */
  readonly timeoutMs: number;
  /** Tells the proxy that asks from others: a tunnel through itself would be asked for without end. */
  readonly isSelf?: IsSelf | undefined;
}

/** Connects to a target through one proxy; for requests of plain HTTP through an HTTP proxy, to that proxy. */
export async function throughProxy(
  server: Server,
  target: Target,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<UpstreamConnection> {
  try {
    if (server.kind === 'socks4' || server.kind === 'socks5')
      return { socket: await throughSocks(server, target, options) };
    const socket = await toProxy(server, options, signal);
    const auth = authorization(server);
    if (!target.secure && target.tunnel !== true) return { socket, forward: { rawHeaders: auth } };
    return { socket: await tunnel(socket, target, auth, server, options, signal) };
  } catch (error) {
    if (signal.aborted) throw problem('cancelled', 'Cancelled');
    const { message, code = '' } = error as NodeJS.ErrnoException;
    throw problem('upstream-proxy', `The upstream proxy ${where(server)} failed: ${message}`, {
      where: where(server),
      remedy: isDistrust(code)
        ? 'Trust its certificate authority or switch verification off for its host'
        : 'Check its address and credentials in the settings, or go without it',
      cause: error,
    });
  }
}

/** Connects straight to a target, for a PAC script that says DIRECT, or to an upstream proxy. */
export function straightTo(
  target: { readonly host: string; readonly port: number },
  { localAddress, timeoutMs }: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const { host, port } = target;
  const socket = connect({
    host,
    port,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress, family: isIP(localAddress) }),
    ...localLookup(host),
  });
  return ready(socket, 'connect', timeoutMs, signal);
}

const where = (server: Server): string => hostPort(server.host, server.port);

async function toProxy(server: Server, options: ConnectionOptions, signal: AbortSignal): Promise<Duplex> {
  const raw = await straightTo(server, options, signal);
  if (options.isSelf?.(raw.remoteAddress, raw.remotePort) === true) {
    raw.destroy();
    throw new Error('it is this proxy itself');
  }
  if (server.kind !== 'https') return raw;
  const settings = options.contexts?.settingsFor({ secure: true, host: server.host, port: server.port });
  const tls = connectTls({
    socket: raw,
    host: server.host,
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    ALPNProtocols: ['http/1.1'],
    ...(settings === undefined ? {} : { secureContext: settings.context, rejectUnauthorized: settings.verify }),
  });
  return ready(tls, 'secureConnect', options.timeoutMs, signal);
}

/** Waits for a socket to be usable; a failed one is destroyed. */
function ready<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  signal: AbortSignal,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.off('error', finish);
      socket.off('close', closed);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const abort = () => finish(new Error('cancelled'));
    const closed = () => finish(new Error('it closed the connection'));
    const timer = setTimeout(() => finish(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once(event, () => finish());
    socket.once('error', finish);
    socket.once('close', closed);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function authorization({ username, password = '' }: Server): string[] {
  if (username === undefined) return [];
  return ['Proxy-Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

/** Asks an HTTP proxy for a tunnel (RFC 9110 section 9.3.6) and reads its answer to the byte. */
function tunnel(
  socket: Duplex,
  target: Target,
  auth: readonly string[],
  server: Server,
  { timeoutMs }: ConnectionOptions,
  signal: AbortSignal,
): Promise<Duplex> {
  const authority = hostPort(target.host, target.port);
  const fields = auth.length === 0 ? '' : `${auth[0]}: ${auth[1]}\r\n`;
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.off('data', take);
      socket.off('error', finish);
      socket.off('close', closed);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > 65_536) finish(new Error('its answer has no end'));
        return;
      }
      const [, status = '', reason = ''] = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)/.exec(head.toString('latin1')) ?? [];
      if (!status.startsWith('2')) {
        finish(new Error(refusal(status, reason, server)));
        return;
      }
      socket.pause();
      // Bytes behind the head belong to the application already.
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      finish();
    };
    const abort = () => finish(new Error('cancelled'));
    const closed = () => finish(new Error('it closed the connection'));
    const timer = setTimeout(() => finish(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.on('data', take);
    socket.once('error', finish);
    socket.once('close', closed);
    signal.addEventListener('abort', abort, { once: true });
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${fields}\r\n`);
  });
}

function refusal(status: string, reason: string, { username }: Server): string {
  if (status === '407') {
    return username === undefined
      ? 'it wants a user name and password'
      : 'it does not accept the user name and password';
  }
  return status === '' ? 'it does not speak HTTP' : `it answered ${status} ${reason}`.trim();
}

async function throughSocks(server: Server, target: Target, options: ConnectionOptions): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    proxy: {
      host: server.host,
      port: server.port,
      type: server.kind === 'socks4' ? 4 : 5,
      ...(server.username === undefined ? {} : { userId: server.username, password: server.password ?? '' }),
    },
    command: 'connect',
    destination: { host: target.host, port: target.port },
    timeout: options.timeoutMs,
    set_tcp_nodelay: true,
    socket_options: {
      host: server.host,
      port: server.port,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      ...localLookup(server.host),
    },
  });
  return socket;
}
