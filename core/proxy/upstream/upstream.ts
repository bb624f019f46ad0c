import { problem } from '../../model/problem.ts';
import type { ProxyHooks } from '../hooks.ts';
import type { IsSelf, ProxyOptions, Target, UpstreamConnection, UpstreamConnector } from '../options.ts';
import { UpstreamContexts } from '../origin/contexts.ts';
import { hostPort, originOf, splitUrl } from '../target.ts';
import { createPac, type PacResolver } from './pac.ts';
import { type ConnectionOptions, straightTo, throughProxy } from './proxy-connection.ts';
import { readPac } from './read-pac.ts';
import { type UpstreamProxy, type UpstreamSettings, wayTo } from './upstream-settings.ts';

export { parseUpstream, type UpstreamProxy, type UpstreamSettings } from './upstream-settings.ts';

export interface UpstreamOptions extends Pick<Partial<ConnectionOptions>, 'localAddress' | 'timeoutMs'> {
  /** TLS with an HTTPS proxy, by its host as for applications. */
  readonly tls?: ProxyOptions['tls'];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Reads `quickjs.wasm` of the package quickjs-wasi; needed where the sources are bundled. */
  readonly pacEngine?: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Entry of the thread for PAC scripts, where the sources are bundled. */
  readonly pacWorker?: string;
  /** Milliseconds for one question to a PAC script; default 2,000. */
  readonly pacTimeLimit?: number;
  /** Reads a PAC script; by HTTP or from a file when absent. */
  readonly fetchPac?: (url: string, signal: AbortSignal) => Promise<string>;
}

/** A connector whose settings can be changed while the proxy runs; `resetUpstream` of the proxy closes kept connections. */
export interface ConfigurableUpstream extends UpstreamConnector {
  readonly settings: UpstreamSettings;
  configure(settings: UpstreamSettings): void;
  /** Ends the threads of PAC scripts. */
  close(): void;
  /** Turns an upstream proxy's 407 into an answer that a browser does not take for a question of ours. */
  readonly hooks: ProxyHooks;
}

/** A PAC script is read again after so long. */
const PAC_FRESH = 10 * 60_000;

/** Connects through HTTP, HTTPS and SOCKS proxies, or as a PAC script says, by host. */
export function createUpstream(first: UpstreamSettings, options: UpstreamOptions): ConfigurableUpstream {
  const connection: ConnectionOptions = { timeoutMs: 15_000, ...options, contexts: new UpstreamContexts(options.tls) };
  const read = options.fetchPac ?? readPac;
  const scripts = new Map<string, { at: number; resolver: Promise<PacResolver> }>();
  const pacOptions = { engineBytes: options.pacEngine, workerUrl: options.pacWorker, timeLimit: options.pacTimeLimit };
  /** Ends the thread of a script that is not asked any more. */
  const forget = (key: string): void => {
    const known = scripts.get(key);
    scripts.delete(key);
    known?.resolver.then(
      (resolve) => resolve.close(),
      () => {},
    );
  };
  let settings = first;

  const resolverOf = (pac: Extract<UpstreamProxy, { kind: 'pac' }>): Promise<PacResolver> => {
    const key = 'url' in pac ? pac.url : pac.script;
    const now = options.clock();
    const known = scripts.get(key);
    if (known !== undefined && now - known.at < PAC_FRESH) return known.resolver;
    // For everybody who asks meanwhile: the first one may go away.
    const script =
      'url' in pac ? read(pac.url, AbortSignal.timeout(connection.timeoutMs)) : Promise.resolve(pac.script);
    const resolver = script.then((text) => createPac(text, pacOptions));
    forget(key);
    scripts.set(key, { at: now, resolver });
    resolver.catch(() => scripts.delete(key));
    return resolver;
  };

  const byPac = async (
    pac: Extract<UpstreamProxy, { kind: 'pac' }>,
    target: Target,
    signal: AbortSignal,
    isSelf: IsSelf | undefined,
  ): Promise<UpstreamConnection> => {
    const resolve = await resolverOf(pac);
    if (signal.aborted) throw problem('cancelled', 'Cancelled');
    // As browsers do: an https address is given to the script without its path, which may hold secrets.
    const ways = await resolve(`${originOf(target)}/`, target.host);
    let failure: unknown;
    for (const way of ways) {
      if (way.kind === 'pac') continue;
      try {
        if (way.kind === 'direct') return { socket: await straightTo(target, connection, signal) };
        return await throughProxy(way, target, { ...connection, isSelf }, signal);
      } catch (error) {
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure ?? problem('upstream-proxy', 'The PAC script names no way');
  };

  return {
    get settings() {
      return settings;
    },
    close() {
      for (const key of [...scripts.keys()]) forget(key);
    },
    configure(next) {
      settings = next;
      for (const key of [...scripts.keys()]) forget(key);
    },
    hooks: {
      name: 'upstream',
      response(exchange) {
        const { response, request } = exchange;
        const target = splitUrl(request.url);
        if (response?.status !== 407 || target === undefined || exchange.own !== undefined) return;
        const way = wayTo(settings, target);
        if (way.kind !== 'http' && way.kind !== 'https') return;
        // The browser would ask the user for a password of this proxy, which has none.
        const wanting = way.username === undefined ? 'wants a' : 'does not accept the';
        exchange.editedBy.push('upstream');
        response.status = 502;
        response.reason = 'Bad Gateway';
        response.rawHeaders = ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'];
        exchange.replaceBody(
          'response',
          Buffer.from(
            `Sessionscope: The upstream proxy ${hostPort(way.host, way.port)} ${wanting} user name and password. ` +
              'Check its credentials in the settings.\n',
          ),
        );
      },
    },
    connect(target, signal, isSelf) {
      const way = wayTo(settings, target);
      if (way.kind === 'direct') return undefined;
      return way.kind === 'pac'
        ? byPac(way, target, signal, isSelf)
        : throughProxy(way, target, { ...connection, isSelf }, signal);
    },
  };
}
