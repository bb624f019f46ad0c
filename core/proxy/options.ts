import type { Duplex } from 'node:stream';
import type { CertificateAuthority } from './certificates/authority.ts';
import type { Scope } from './exchange.ts';
import type { ProxyHooks } from './hooks.ts';
import type { ProxyLimits } from './limits.ts';
import type { Listener as ProxyPort } from './listener.ts';

/** Where a request goes. `host` without brackets for IPv6. */
export interface Target {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Bytes will pass, not requests that another proxy could forward: it has to make a tunnel also without TLS. */
  readonly tunnel?: boolean;
}

/** A byte stream to an application, or to an HTTP proxy that wants absolute-form requests (`forward`). */
export interface UpstreamConnection {
  readonly socket: Duplex;
  /** Only for plain HTTP: send `GET http://…` and add these fields (flat list), e.g. `Proxy-Authorization`. */
  readonly forward?: { readonly rawHeaders: readonly string[] };
}

export type IsSelf = (address: string | undefined, port: number | undefined) => boolean;

/**
 * Opens connections in another way than straight: through an HTTP, HTTPS or SOCKS proxy, or by PAC. TLS with the
 * application is the engine's business and comes on top.
 */
export interface UpstreamConnector {
  /**
   * undefined: connect straight. The socket must be connected (and any CONNECT done) when the promise resolves.
   * Rejects with a ProblemError whose message is shown to the client in a 502.
   * @param isSelf whether an address and port lead back to the proxy that asks.
   */
  connect(target: Target, signal: AbortSignal, isSelf?: IsSelf): Promise<UpstreamConnection> | undefined;
}

/** TLS with one application. */
export interface UpstreamTls {
  /** false: any certificate is accepted. Default true. */
  readonly verify?: boolean;
  /** PEM certificates trusted beside the runtime's own. */
  readonly ca?: readonly string[];
  /** Client certificate: PEM pair, or PKCS#12. */
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: Uint8Array;
  readonly passphrase?: string;
}

export interface ProxyOptions {
  /** Address to listen on. Default 127.0.0.1. Anything but loopback needs `auth`. */
  readonly host?: string;
  /** Preferred port; when it is taken a free one is used. Default 0: any free one. */
  readonly port?: number;
  readonly authority: CertificateAuthority;
  readonly hooks: readonly ProxyHooks[];
  readonly limits?: Partial<ProxyLimits>;
  /** How a host is treated. Default: everything is recorded. Asked again for each connection. */
  readonly scope?: (host: string, port: number) => Scope;
  readonly upstream?: UpstreamConnector;
  /** Asked for each new TLS connection to an application; undefined means the defaults. */
  readonly tls?: (host: string, port: number) => UpstreamTls | undefined;
  /** Basic `Proxy-Authorization` that clients must send. */
  readonly auth?: { readonly user: string; readonly password: string };
  /** Who alone uses the port: its requests bear the name. */
  readonly identity?: string;
  /** Source address of upstream connections. */
  readonly localAddress?: string;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Gets one line for each kind of trouble; repeated ones are counted, not repeated. */
  readonly log?: (line: string) => void;
}

/** A second port that other computers may use, with a password. */
export interface NetworkAsk {
  /** An address of this computer beyond loopback; `0.0.0.0` or `::` for all of them. */
  readonly host: string;
  /** Preferred port; when it is taken a free one is used. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Where the second port is. */
export interface NetworkPort {
  readonly host: string;
  readonly port: number;
  readonly preferredPortTaken: boolean;
}

export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** `127.0.0.1:8640` or `[::1]:8640`. */
  readonly address: string;
  /** The preferred port was taken by something else. */
  readonly preferredPortTaken: boolean;
  /** Client connections open now. */
  readonly connections: number;
  /**
   * Replaces the scope: the next request of each connection goes by it. Tunnels to hosts that are to pass unread from now
   * on, or no longer, are closed; other traffic goes on.
   */
  setScope(scope: (host: string, port: number) => Scope): void;
  /** Forgets kept upstream connections, TLS contexts and learnt protocols: after TLS or upstream settings changed. */
  resetUpstream(): void;
  /** Replaces the authority: new handshakes get leaves of it (rotation). */
  setAuthority(authority: CertificateAuthority): void;
  /** The second port, while it is open. */
  readonly network: NetworkPort | undefined;
  /**
   * Opens a second port for other computers, in the place of the one that is open. Each client of it shows the password;
   * the port on loopback stays as it is.
   * @throws ProblemError `bad-listen` for an address of loopback; `password-needed`; `port-refused`
   */
  openToNetwork(ask: NetworkAsk): Promise<NetworkPort>;
  /** Closes the second port and every connection that came by it. */
  closeToNetwork(): Promise<void>;
  /** Serves one more port, which was opened by `openProxyPort`, until that port is closed. */
  addPort(port: ProxyPort): void;
  /** Closes every client connection, e.g. so that a browser takes new settings at once. */
  closeAllConnections(): void;
  close(): Promise<void>;
}
