import type { BodyInfo, Flow } from '../../model/flow.ts';
import type { ProxyHooks } from '../hooks.ts';
import type { UpstreamConnector, UpstreamTls } from '../options.ts';

/** What is to be different from the recorded request. Everything else goes byte for byte as it was received. */
export interface ReplayChanges {
  readonly method?: string;
  /** Absolute URL. `Host` follows it when the recorded one named the recorded target. */
  readonly url?: string;
  /** Header fields by name in any letter case: the new value, or null to leave the field out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Cookies by name: the new raw value, or null to leave the cookie out. */
  readonly cookies?: Readonly<Record<string, string | null>>;
  /** Another body, content coding as in the headers; null for none. */
  readonly body?: Uint8Array | null;
}

export interface ReplayOptions {
  /** Source address of the connection: `127.0.0.2`, `::1`. The system's choice when absent. */
  readonly localAddress?: string;
  /**
   * `X-Forwarded-For`, `Forwarded`, `X-Real-IP` and their kin: as recorded (default), none, or all three naming an
   * address.
   */
  readonly forwardingHeaders?: 'recorded' | 'none' | { readonly address: string };
  /** How often. Default 1. */
  readonly times?: number;
  /** How many at once. Default 1. */
  readonly parallel?: number;
  /** Most redirects to follow; true means 20. Default none: the answer is the redirect. */
  readonly followRedirects?: boolean | number;
  /**
   * `recorded` (default): the recorded cookies each time, to their own host only. `follow`: Set-Cookie of one answer
   * counts for the next hop.
   */
  readonly cookies?: 'recorded' | 'follow';
  readonly signal?: AbortSignal;
  /** Hooks that may change the messages as they change those of a browser: rules, not the recorder. */
  readonly viaHooks?: readonly ProxyHooks[];
  /** Milliseconds for one exchange. Default 30,000. */
  readonly timeoutMs?: number;
  /** Noted in each flow's `origin`. */
  readonly experiment?: string;
}

/** Where bodies are read and kept. `core/capture/body-store.ts` is one. */
export interface ReplayBodies {
  open(): { append(chunk: Uint8Array): void; close(): BodyInfo };
  read(ref: string): Promise<Uint8Array>;
}

/** What replaying needs of the rest. */
export interface ReplayPorts {
  readonly bodies: ReplayBodies;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Ids for the new flows, different from those of the proxy. */
  readonly nextId: () => string;
  /** Each new flow when it is over, in the order of ending. */
  readonly onFlow?: (flow: Flow) => void;
  readonly upstream?: UpstreamConnector;
  readonly tls?: (host: string, port: number) => UpstreamTls | undefined;
}

/**
 * Sends a recorded request again. Resolves to the new flows: one for each time, and one for each redirect that was
 * followed, in order of time and hop. An exchange that failed is a flow with `error`.
 * @throws ProblemError `body-incomplete` when the recorded body was not kept whole, `bad-url`, `bad-header`,
 *   `bad-cookie` for changes that cannot be sent, `cancelled` when the signal fired.
 */
export type Replay = (flow: Flow, changes?: ReplayChanges, options?: ReplayOptions) => Promise<Flow[]>;
