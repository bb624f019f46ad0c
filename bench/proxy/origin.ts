import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { signCertificate } from '../../core/proxy/certificates/certificate.ts';
import { addressBytes, extension, name, pem, sequence, tlv } from '../../core/proxy/certificates/der.ts';

/** Loopback addresses that stand for hosts never seen before: 127.1.0.1 to 127.1.0.200. */
export const FRESH_HOSTS = 200;

export interface BenchOrigin {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** PEM file of the authority that proxies have to trust. */
  readonly caFile: string;
  stop(): void;
}

/** Keeps a command on one processor where `taskset` is there: the proxy on 0, load and origin on 1. */
export function pinned(processor: number, command: readonly string[]): string[] {
  return existsSync('/usr/bin/taskset') ? ['/usr/bin/taskset', '-c', String(processor), ...command] : [...command];
}

/** Starts nginx with small, 100 kB and 200 MB answers over HTTP, HTTPS and HTTP/2. */
export async function startOrigin(folder: string): Promise<BenchOrigin> {
  const www = path.join(folder, 'www');
  mkdirSync(www, { recursive: true });
  chmodSync(folder, 0o755); // nginx reads as another user
  writeFileSync(path.join(www, '100k'), randomBytes(100_000));
  writeFileSync(path.join(www, '200m'), Buffer.alloc(209_715_200, randomBytes(1 << 20)));
  const caFile = writeCertificates(folder);
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const fresh = Array.from({ length: FRESH_HOSTS }, (_, i) => `listen 127.1.0.${i + 1}:${httpsPort} ssl;`).join(' ');
  const small = `default_type text/plain; add_header Set-Cookie "sid=abcdef0123456789; Path=/; HttpOnly" always; add_header Set-Cookie "theme=dark; Path=/" always; return 200 "${'x'.repeat(200)}";`;
  const config = path.join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s; sendfile on; tcp_nodelay on; server_tokens off;
  large_client_header_buffers 8 256k;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  ssl_certificate ${folder}/origin.pem; ssl_certificate_key ${folder}/origin.key; ssl_session_cache shared:S:4m;
  server {
    listen 127.0.0.1:${httpPort} backlog=2048; listen 127.0.0.1:${httpsPort} ssl http2 backlog=2048; ${fresh}
    root ${www};
    location = /small { ${small} }
  }
}
`,
  );
  const [command, ...args] = pinned(1, ['nginx', '-c', config]) as [string, ...string[]];
  const nginx = spawn(command, args, { stdio: 'ignore' });
  if (!(await answers(httpPort, nginx))) throw new Error('The proxy benchmark needs nginx: apt-get install nginx');
  return { httpPort, httpsPort, caFile, stop: () => nginx.kill('SIGTERM') };
}

/** Waits until a port accepts connections; false when the process ends before. */
export async function answers(port: number, child: ChildProcess): Promise<boolean> {
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  for (let i = 0; i < 300 && !ended; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function writeCertificates(folder: string): string {
  const day = 86_400_000;
  const now = Date.now();
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuerKey = ca.publicKey.export({ type: 'spki', format: 'der' });
  const issuer = name('Origins of benchmarks');
  const common = { issuer, issuerKey, signWith: ca.privateKey, notBefore: now - day, notAfter: now + 30 * day };
  const authority = signCertificate({
    ...common,
    subject: issuer,
    subjectKey: issuerKey,
    extensions: [extension(19, true, sequence(Buffer.from([1, 1, 0xff])))],
  });
  const addresses = ['127.0.0.1', ...Array.from({ length: FRESH_HOSTS }, (_, i) => `127.1.0.${i + 1}`)];
  const names = addresses.map((address) => tlv(0x87, addressBytes(address)));
  const certificate = signCertificate({
    ...common,
    subject: name('origin'),
    subjectKey: leaf.publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [extension(17, false, sequence(...names))],
  });
  const caFile = path.join(folder, 'origin-ca.pem');
  writeFileSync(caFile, pem('CERTIFICATE', authority));
  writeFileSync(path.join(folder, 'origin.pem'), pem('CERTIFICATE', certificate));
  writeFileSync(path.join(folder, 'origin.key'), leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return caFile;
}
