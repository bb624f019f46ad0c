import type { Transport } from '../../../core/bridge/wire.ts';
import { type ConnectionState, webTransport } from './web-transport.ts';

declare global {
  /** Set by the build (`SESSIONSCOPE_FAKE=1`): whether the engine in memory is part of this bundle. */
  const __WITH_FAKE_ENGINE__: boolean;
  interface Window {
    /** Put there by the preload of the desktop application. */
    readonly sessionscope?: Transport & {
      /** Hears of what is chosen in the application menu. */
      readonly onMenu?: (listener: (act: string) => void) => void;
    };
  }
}

/** A way to the engine, and whether it works just now. */
export interface Connection {
  readonly transport: Transport;
  state(): ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Tries at once instead of waiting for the next attempt. */
  retry(): void;
}

const TOKEN_KEY = 'sessionscope-token';

/**
 * Chooses how the window reaches the engine: the preload's channel in the desktop application, `?fake=<scenario>` in
 * bundles that have the engine in memory (tests, development), or the web mode's HTTP interface with the token from the address.
 */
export async function connect(): Promise<Connection> {
  if (window.sessionscope !== undefined) return always(window.sessionscope);
  if (__WITH_FAKE_ENGINE__) {
    const scenario = new URLSearchParams(location.search).get('fake');
    if (scenario !== null) {
      const { createFake } = await import('../fake/fake.ts');
      return always(createFake(scenario).transport);
    }
  }
  return webTransport({
    base: new URL('./api/', location.href.split('#')[0] ?? location.href).href,
    token: takeToken(),
  });
}

function always(transport: Transport): Connection {
  return { transport, state: () => 'open', onState: () => () => {}, retry: () => {} };
}

/** The token of this run: taken out of the address bar, kept for reloads of this tab only. */
function takeToken(): string | null {
  const fromHash = new URLSearchParams(location.hash.slice(1)).get('token');
  const query = new URLSearchParams(location.search);
  const token = fromHash ?? query.get('token');
  if (token !== null && token !== '') {
    sessionStorage.setItem(TOKEN_KEY, token);
    query.delete('token');
    const rest = query.size > 0 ? `?${query}` : '';
    history.replaceState(null, '', `${location.pathname}${rest}`);
    return token;
  }
  return sessionStorage.getItem(TOKEN_KEY);
}
