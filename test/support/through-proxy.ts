import { request } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';

export interface Through {
  readonly method?: string;
  /** Flat list, after `Host`. */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** PEM of what signs the certificate that the client sees; only for https. */
  readonly ca?: readonly string[];
}

export interface Got {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Who signed the certificate that the client saw. */
  readonly issuer?: string;
}

/** One request through a proxy on 127.0.0.1, on connections of its own: forwarded for http, in a tunnel for https. */
export async function throughProxy(proxyPort: number, url: string, ask: Through = {}): Promise<Got> {
  const { protocol, host, hostname, port, pathname, search } = new URL(url);
  const { method = 'GET', headers = [], body } = ask;
  const fields = ['Host', host, ...headers, ...(body === undefined ? [] : ['Content-Length', `${body.length}`])];
  const tunnel =
    protocol === 'https:' ? await openTunnel(proxyPort, `${hostname}:${port || '443'}`, hostname, ask.ca) : undefined;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...(tunnel === undefined
          ? { host: '127.0.0.1', port: proxyPort, path: url, agent: false as const }
          : { createConnection: () => tunnel, path: `${pathname}${search}` }),
        method,
        headers: [...fields, 'Connection', 'close'],
        setHost: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            rawHeaders: answer.rawHeaders,
            body: Buffer.concat(chunks).toString(),
            ...(tunnel === undefined ? {} : { issuer: issuerOf(tunnel.getPeerCertificate()) }),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The values of a header field, in order. */
export function valuesOf({ rawHeaders }: Pick<Got, 'rawHeaders'>, name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

function issuerOf({ issuer }: PeerCertificate): string {
  return String(issuer.CN);
}

function openTunnel(
  port: number,
  target: string,
  hostname: string,
  ca: readonly string[] | undefined,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method: 'CONNECT', path: target, agent: false })
      .on('error', reject)
      .on('connect', (answer, socket: Socket) => {
        if (answer.statusCode !== 200) {
          reject(new Error(`CONNECT: ${answer.statusCode}`));
          return;
        }
        const tls = connectTls({
          socket,
          host: hostname,
          ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
          ...(ca === undefined ? {} : { ca: [...ca] }),
        });
        tls.on('error', reject);
        tls.on('secureConnect', () => resolve(tls));
      })
      .end();
  });
}
