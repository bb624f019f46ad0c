import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { type CertificateAuthority, createAuthority } from '../../../core/proxy/certificates/authority.ts';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { type Proxy as ProxyHandle, type ProxyOptions, startProxy } from '../../../core/proxy/proxy.ts';
import { Http2TestOrigin } from './http2-origin.ts';
import { type Address, Reader, tcp, tlsTunnel } from './raw-client.ts';
import { RawOrigin, type Seen } from './raw-origin.ts';
import { originCertificates } from './test-certificates.ts';

export type Mode = 'http' | 'https';
export const HOST = '127.0.0.1';

export interface Ports {
  readonly plain: number;
  readonly tls: number;
  readonly http2: number;
  readonly http2Only: number;
  readonly http2Plain: number;
  readonly serverFirst: number;
  readonly untrusted: number;
  /** Nothing listens there. */
  readonly closed: number;
}

export interface Answer {
  /** Everything the client got. */
  readonly text: string;
  readonly status: number;
  readonly ended: 'open' | 'end' | 'error';
  readonly seen: Seen;
}

/** Origins of every kind and the address of a proxy to reach them through. */
export class Lab {
  readonly raw = new RawOrigin();
  readonly http2 = new Http2TestOrigin();
  /** PEM of the authority that the proxy has to trust. */
  readonly originCa: string;
  ports!: Ports;
  proxy!: Address;
  /** A rule is active that sets the cookie `theme` to `EDITED` both ways. */
  edits = false;
  /** Key and certificate of the origins. */
  readonly pair: { key: string; cert: string };
  #ids = 0;

  constructor() {
    const { key, cert, ca } = originCertificates();
    this.originCa = ca;
    this.pair = { key, cert };
  }

  async start(): Promise<void> {
    const pair = this.pair;
    this.ports = {
      plain: await this.raw.listenPlain(),
      tls: await this.raw.listenTls(pair),
      http2: await this.http2.listenBoth(pair),
      http2Only: await this.http2.listenHttp2Only(pair),
      http2Plain: await this.http2.listenPlain(),
      serverFirst: await this.raw.listenServerFirst(),
      untrusted: await this.raw.listenTls(originCertificates()),
      closed: await closedPort(),
    };
  }

  close(): void {
    this.raw.close();
    this.http2.close();
  }

  nextId(): string {
    return String(++this.#ids);
  }

  /** A connection on which requests of this mode can be sent. */
  connect(mode: Mode): Promise<Duplex> {
    return mode === 'http' ? tcp(this.proxy) : tlsTunnel(this.proxy, { host: HOST, port: this.ports.tls });
  }

  target(mode: Mode, path: string): string {
    return mode === 'http' ? `http://${HOST}:${this.ports.plain}${path}` : path;
  }

  /** Sends a request; what the origin sees of it is known by its id. */
  async send(
    mode: Mode,
    name: string,
    options: SendOptions = {},
  ): Promise<{ socket: Duplex; seen: Seen; reader: Reader }> {
    const id = this.nextId();
    const seen = this.raw.of(id);
    const socket = options.socket ?? (await this.connect(mode));
    const reader = options.reader ?? new Reader(socket);
    const host = options.host ?? `${HOST}:${mode === 'http' ? this.ports.plain : this.ports.tls}`;
    const fields = (options.headers ?? []).map((line) => `${line}\r\n`).join('');
    const path = `/c/${name}?id=${id}${options.query ?? ''}`;
    const line = `${options.method ?? 'GET'} ${this.target(mode, path)} HTTP/${options.version ?? '1.1'}`;
    socket.write(`${line}\r\nHost: ${host}\r\n${fields}\r\n${options.body ?? ''}`, 'latin1');
    return { socket, seen, reader };
  }

  /** Sends a request and reads until the test holds or the connection ends. */
  async ask(
    mode: Mode,
    name: string,
    options: SendOptions & { until?: (text: string) => boolean } = {},
  ): Promise<Answer> {
    const { socket, seen, reader } = await this.send(mode, name, options);
    const text = await reader.until(options.until ?? ((got) => /\r\n\r\n(ok|[\s\S]*0\r\n\r\n)$/.test(got)));
    if (options.socket === undefined) socket.destroy();
    return { text, status: Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0), ended: reader.ended, seen };
  }
}

export interface SendOptions {
  readonly method?: string;
  readonly version?: string;
  readonly query?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly host?: string;
  readonly socket?: Duplex;
  readonly reader?: Reader;
}

/** The lines of a head that match. */
export function lines(text: string, pattern: RegExp): string[] {
  return text.split('\r\n').filter((line) => pattern.test(line));
}

/** A lab with our engine in front. */
export async function labWithProxy(
  hooks: readonly ProxyHooks[] = [],
  options: Partial<ProxyOptions> = {},
): Promise<{
  lab: Lab;
  proxy: ProxyHandle;
  authority: CertificateAuthority;
  logged: string[];
  close: () => Promise<void>;
}> {
  const lab = new Lab();
  await lab.start();
  const authority = createAuthority(Date.now());
  const logged: string[] = [];
  const settings = { ca: [lab.originCa] };
  const proxy = await startProxy({
    authority,
    hooks,
    tls: () => settings,
    log: (line) => logged.push(line),
    ...options,
  });
  lab.proxy = { host: proxy.host, port: proxy.port };
  return {
    lab,
    proxy,
    authority,
    logged,
    close: async () => {
      await proxy.close();
      lab.close();
    },
  };
}

/** A server of a few lines that is closed with its connections. */
export async function serve(
  onConnection: (socket: Duplex) => void,
  tls?: { key: string; cert: string },
): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Duplex>();
  const accept = (socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  };
  const server: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    port: (server.address() as { port: number }).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function closedPort(): Promise<number> {
  const { port, close } = await serve(() => {});
  close();
  return port;
}
