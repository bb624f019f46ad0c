import type { Scope } from './exchange.ts';
import type { HookDispatcher } from './hook-dispatcher.ts';
import type { ProxyLimits } from './limits.ts';
import type { LogOnce } from './log-once.ts';
import type { UpstreamConnector, UpstreamTls } from './options.ts';
import type { OriginPool } from './origin/pool.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** What the parts of a running proxy share. */
export interface Engine {
  readonly hooks: HookDispatcher;
  readonly limits: ProxyLimits;
  readonly log: LogOnce;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly pool: OriginPool;
  readonly readBuffers: ReadBuffers;
  readonly upstream: UpstreamConnector | undefined;
  readonly tls: ((host: string, port: number) => UpstreamTls | undefined) | undefined;
  readonly localAddress: string | undefined;
  scopeOf(host: string, port: number): Scope;
  /** Whether an address and port are this proxy's own. */
  isSelf(address: string | undefined, port: number | undefined): boolean;
  nextId(): string;
}

/** The host whose pages the proxy answers itself. */
export const CHECK_HOST = 'sessionscope.local';
