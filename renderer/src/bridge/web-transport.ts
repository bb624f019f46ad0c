import type { Transport } from '../../../core/bridge/wire.ts';
import type { Connection } from './connect.ts';

/** `lost` heals by itself; `refused` and `no-token` need the user. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused' | 'no-token';

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;

/**
 * The web mode's transport: a POST for each request, one streamed answer of JSON lines for the events. A broken stream
 * is opened again with growing waits, and then `reset` tells the window to ask for everything again.
 */
export function webTransport(options: { readonly base: string; readonly token: string | null }): Connection {
  const { base, token } = options;
  let state: ConnectionState = token === null ? 'no-token' : 'connecting';
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const eventListeners = new Set<(name: string, event: unknown) => void>();
  let wake: (() => void) | undefined;
  let streaming = false;

  const become = (next: ConnectionState) => {
    if (state === next) return;
    state = next;
    for (const listener of stateListeners) listener(next);
  };
  const notify = (name: string, event: unknown) => {
    for (const listener of eventListeners) listener(name, event);
  };

  async function readEvents(): Promise<'refused' | 'broken'> {
    const response = await fetch(`${base}events`, {
      headers: { 'X-Sessionscope-Token': token ?? '' },
      cache: 'no-store',
    });
    if (response.status === 401 || response.status === 403) return 'refused';
    if (!response.ok || response.body === null) return 'broken';
    const wasLost = state === 'lost';
    become('open');
    if (wasLost) notify('reset', {});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'broken';
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) deliver(line);
    }
  }

  function deliver(line: string): void {
    if (line.trim() === '') return;
    try {
      const message = JSON.parse(line) as { name?: unknown; event?: unknown };
      if (typeof message.name === 'string') notify(message.name, message.event);
    } catch {
      // A line that is not JSON is dropped; the next `reset` or answer puts the window right.
    }
  }

  async function keepReading(): Promise<void> {
    if (streaming || token === null) return;
    streaming = true;
    let wait = FIRST_WAIT_MS;
    while (eventListeners.size > 0) {
      const started = Date.now();
      const end = await readEvents().catch(() => 'broken' as const);
      if (end === 'refused') {
        become('refused');
        break;
      }
      if (Date.now() - started > LONGEST_WAIT_MS) wait = FIRST_WAIT_MS;
      become('lost');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
    streaming = false;
  }

  const transport: Transport = {
    async request(method, request) {
      if (token === null) return failed('no-token', 'This address lacks its token');
      let response: Response;
      try {
        response = await fetch(`${base}${encodeURIComponent(method)}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Sessionscope-Token': token },
          body: JSON.stringify(request),
          cache: 'no-store',
        });
      } catch {
        become(state === 'refused' ? 'refused' : 'lost');
        return failed('engine-gone', 'The engine does not answer', 'Start Sessionscope again.');
      }
      if (response.status === 401 || response.status === 403) {
        become('refused');
        return failed('token-refused', 'The engine refused the token', 'Open the newest address from the terminal.');
      }
      return response.json().catch(() => failed('bad-reply', `The engine answered with status ${response.status}`));
    },
    subscribe(listener) {
      eventListeners.add(listener);
      void keepReading();
      return () => eventListeners.delete(listener);
    },
  };

  return {
    transport,
    state: () => state,
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    retry() {
      wake?.();
      void keepReading();
    },
  };
}

function failed(kind: string, message: string, remedy?: string) {
  return { ok: false, problem: { kind, message, ...(remedy === undefined ? {} : { remedy }) } };
}
