import type { ProxyHooks } from '../../../core/proxy/hooks.ts';

/** Sets the cookie `theme` to `EDITED` in both directions, as the behaviour checks expect of an active cookie rule. */
export const themeEditor: ProxyHooks = {
  name: 'theme',
  request({ request: { rawHeaders } }) {
    rewrite(rawHeaders, 'cookie', (value) => value.replace(/(^|; *)theme=[^;]*/, '$1theme=EDITED'));
  },
  response(exchange) {
    rewrite(exchange.response?.rawHeaders ?? [], 'set-cookie', (value) =>
      value.replace(/^(\s*theme=)[^;]*/, '$1EDITED'),
    );
  },
};

function rewrite(rawHeaders: string[], name: string, change: (value: string) => string): void {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) rawHeaders[i + 1] = change(rawHeaders[i + 1] ?? '');
  }
}

/** Records what a recording hook would: heads, bodies, frames, ends. */
export function recorder(): ProxyHooks & {
  readonly ended: { url: string; status: number | undefined; error: string | undefined; bytes: number }[];
  readonly counts: { requests: number; chunks: number; frames: number; informational: number; ends: number };
} {
  const counts = { requests: 0, chunks: 0, frames: 0, informational: 0, ends: 0 };
  const ended: { url: string; status: number | undefined; error: string | undefined; bytes: number }[] = [];
  const bodies = new Map<string, Buffer[]>();
  return {
    name: 'recorder',
    counts,
    ended,
    request(exchange) {
      counts.requests++;
      bodies.set(exchange.id, []);
    },
    bodyChunk(exchange, _side, chunk) {
      counts.chunks++;
      bodies.get(exchange.id)?.push(Buffer.from(chunk));
    },
    informational() {
      counts.informational++;
    },
    webSocketFrame() {
      counts.frames++;
    },
    end(exchange) {
      counts.ends++;
      const bytes = (bodies.get(exchange.id) ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
      bodies.delete(exchange.id);
      const { request, response, error } = exchange;
      ended.push({ url: request.url, status: response?.status, error, bytes });
    },
  };
}
