import { createSecureContext, type SecureContext } from 'node:tls';

/**
 * TLS tunnels one after the other on the runtime's own handles: sockets and streams cost a client more than its half of
 * the handshake, and with a fast proxy it is then the load generator that is measured. `process.binding` is deprecated;
 * the benchmarks run on the one version of Node that package.json names.
 */
interface StreamHandle {
  onread: () => void;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): void;
  writeLatin1String(request: WriteRequest, text: string): number;
}
interface TcpHandle extends StreamHandle {
  connect(request: { oncomplete: (status: number) => void }, address: string, port: number): number;
  setNoDelay(on: boolean): void;
  close(): void;
}
interface TlsHandle extends StreamHandle {
  onerror: (error: Error) => void;
  onhandshakestart: () => void;
  onhandshakedone: () => void;
  setALPNProtocols(list: Buffer): void;
  setVerifyMode(requestCert: boolean, rejectUnauthorized: boolean): void;
  start(): void;
  destroySSL(): void;
}
interface WriteRequest {
  oncomplete: (status: number) => void;
}
interface Bindings {
  tcp_wrap: {
    TCP: new (kind: number) => TcpHandle;
    TCPConnectWrap: new () => { oncomplete: (status: number) => void };
    constants: { SOCKET: number };
  };
  tls_wrap: { wrap(stream: TcpHandle, context: unknown, isServer: boolean, writing: boolean): TlsHandle };
  stream_wrap: { WriteWrap: new () => WriteRequest; streamBaseState: Int32Array; kReadBytesOrError: number };
}

const { binding } = process as unknown as { binding<Name extends keyof Bindings>(name: Name): Bindings[Name] };
const { TCP, TCPConnectWrap, constants } = binding('tcp_wrap');
const { wrap } = binding('tls_wrap');
const { WriteWrap, streamBaseState, kReadBytesOrError } = binding('stream_wrap');

const HTTP1 = Buffer.from('\x08http/1.1', 'latin1');
const LOOPBACK = '127.0.0.1';
/** All connections read into this; what was read is used at once. */
const input = new Uint8Array(64 * 1024);
const text = Buffer.from(input.buffer);
// A key share for X25519 alone, as clients sent until lately: OpenSSL would make three keys for each hello.
const { context } = createSecureContext({ ecdhCurve: 'X25519:P-256' }) as SecureContext & { context: unknown };

export interface TunnelTarget {
  /** undefined: straight to the application. */
  readonly proxyPort?: number | undefined;
  readonly host: string;
  readonly port: number;
}

/** CONNECT, a TLS handshake, one request and its whole answer, then the connection is closed. */
export function oneTunnel(target: TunnelTarget, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const tcp = new TCP(constants.SOCKET);
    let tls: TlsHandle | undefined;
    const end = (error?: Error) =>
      // Not inside of a handle's own call.
      setImmediate(() => {
        tls?.destroySSL();
        tcp.close();
        if (error === undefined) resolve();
        else reject(error);
      });
    const done = (what: string) => (status: number) => {
      if (status !== 0) end(new Error(`${what}: ${status}`));
    };
    const secure = () => {
      tcp.onread = () => {}; // heard once more when TLS lets go of it
      tls = wrap(tcp, context, false, false);
      startTls(tls, request, end, done('write'));
    };
    const connecting = new TCPConnectWrap();
    connecting.oncomplete = (status) => {
      if (status !== 0) return end(new Error(`connect: ${status}`));
      tcp.setNoDelay(true);
      if (target.proxyPort === undefined) return secure();
      read(tcp, end, (length) => {
        const answer = text.toString('latin1', 0, length);
        if (!answer.startsWith('HTTP/1.1 200')) end(new Error(answer));
        else secure();
      });
      const to = `${target.host}:${target.port}`;
      write(tcp, `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`, done('write'));
    };
    const [address, port] = target.proxyPort === undefined ? [target.host, target.port] : [LOOPBACK, target.proxyPort];
    done('connect')(tcp.connect(connecting, address, port));
  });
}

function startTls(
  tls: TlsHandle,
  request: string,
  end: (error?: Error) => void,
  written: (status: number) => void,
): void {
  tls.onerror = end;
  tls.onhandshakestart = () => {};
  tls.onhandshakedone = () => write(tls, request, written);
  tls.setALPNProtocols(HTTP1);
  tls.setVerifyMode(false, false);
  let answer = '';
  let whole = 0;
  read(tls, end, (length) => {
    answer += text.toString('latin1', 0, length);
    if (whole === 0) {
      const head = answer.indexOf('\r\n\r\n');
      if (head < 0) return;
      if (!answer.startsWith('HTTP/1.1 200')) return end(new Error(answer));
      whole = head + 4 + Number(/content-length: *(\d+)/i.exec(answer)?.[1]);
    }
    if (answer.length >= whole) end();
  });
  tls.start();
}

function read(from: StreamHandle, end: (error: Error) => void, take: (length: number) => void): void {
  from['useUserBuffer'](input);
  from.onread = () => {
    const length = streamBaseState[kReadBytesOrError] as number;
    if (length > 0) take(length);
    else if (length < 0) end(new Error(`read: ${length}`));
  };
  from.readStart();
}

function write(to: StreamHandle, bytes: string, written: (status: number) => void): void {
  const request = new WriteWrap();
  request.oncomplete = written;
  written(to.writeLatin1String(request, bytes));
}
