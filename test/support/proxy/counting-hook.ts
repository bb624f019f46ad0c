import type { ProxyHooks } from '../../../core/proxy/hooks.ts';

/** Counts what hooks are told. */
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
