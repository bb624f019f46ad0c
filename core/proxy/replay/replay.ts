import type { BodyInfo, Flow } from '../../model/flow.ts';
import { problem, toProblem } from '../../model/problem.ts';
import type { ProxyHooks } from '../hooks.ts';
import { UpstreamContexts } from '../origin/contexts.ts';
import { splitUrl } from '../target.ts';
import { CookieFollower } from './cookie-follower.ts';
import { openReplayConnection } from './replay-connection.ts';
import { ReplayExchange } from './replay-exchange.ts';
import { afterRedirect, type ReadyRequest, readyRequest } from './replay-request.ts';
import type { Replay, ReplayOptions, ReplayPorts } from './replay-types.ts';
import { sendRequest } from './send-request.ts';

export type { Replay, ReplayOptions, ReplayPorts } from './replay-types.ts';

/** Most bytes of an answer that are kept for hooks; what the body store keeps is its own affair. */
const HOOK_BODY = 32 << 20;

/**
 * Makes the function that sends recorded requests again, straight to the application: HTTP/1.1, or HTTP/2 where the
 * recorded request used it and the application still speaks it, each exchange on a connection of its own.
 */
export function createReplay(ports: ReplayPorts): Replay {
  const contexts = new UpstreamContexts(ports.tls);

  const once = async (flow: Flow, first: ReadyRequest, options: ReplayOptions): Promise<Flow[]> => {
    const { followRedirects = false, signal = new AbortController().signal } = options;
    let hops = followRedirects === true ? 20 : Number(followRedirects);
    const follower = options.cookies === 'follow' ? new CookieFollower(first.url, first.rawHeaders) : undefined;
    const flows: Flow[] = [];
    for (let next: ReadyRequest | undefined = first; next !== undefined; ) {
      const done: Flow = await exchange(flow, next, options, signal);
      flows.push(done);
      ports.onFlow?.(done);
      const { response } = done;
      if (response === undefined) break;
      follower?.take(next.url, response.rawHeaders, done.endedAt ?? done.startedAt);
      next = hops-- > 0 ? afterRedirect(next, response.status, field(response.rawHeaders, 'location')) : undefined;
      if (next !== undefined && follower !== undefined) {
        next = { ...next, rawHeaders: follower.apply(next.url, next.rawHeaders) };
      }
    }
    return flows;
  };

  const exchange = async (
    recorded: Flow,
    ready: ReadyRequest,
    options: ReplayOptions,
    outer: AbortSignal,
  ): Promise<Flow> => {
    const { viaHooks = [], timeoutMs = 30_000, localAddress, experiment } = options;
    const limit = timeLimit(outer, timeoutMs);
    const ex = new ReplayExchange(ports.nextId(), ports.clock(), ready);
    const sent = ports.bodies.open();
    const received = ports.bodies.open();
    const chunks: Buffer[] = [];
    let local: { address: string; port: number } | undefined;
    const startedAt = performance.now();
    try {
      await run(viaHooks, (hook) => hook.request?.(ex));
      if (ex.aborted !== undefined) throw problem('aborted', ex.aborted);
      const { method, url, rawHeaders } = ex.request;
      if (ex.given !== undefined) {
        const { status, reason = '', rawHeaders: own = [], body = '' } = ex.given;
        ex.response = { status, reason, httpVersion: '1.1', rawHeaders: [...own] };
        chunks.push(Buffer.from(body));
      } else {
        const target = splitUrl(url);
        if (target === undefined) throw problem('bad-url', `${url.slice(0, 200)} cannot be asked`);
        const connection = await openReplayConnection(target, ready.http2, localAddress, ports, contexts, limit.signal);
        local = connection.local;
        if (connection.server !== undefined) ex.server = connection.server;
        const { connectMs, tlsMs } = connection;
        ex.timing = { connectMs, ...(tlsMs === undefined ? {} : { tlsMs }) };
        if (ex.requestBody !== undefined) sent.append(ex.requestBody);
        let size = 0;
        try {
          await sendRequest(
            { method, url, rawHeaders, body: ex.requestBody, http2: ready.http2 },
            target,
            connection,
            {
              head: (head) => {
                ex.response = head;
                ex.timing = { ...ex.timing, firstByteMs: performance.now() - startedAt };
              },
              chunk: (chunk) => {
                size += chunk.length;
                if (viaHooks.length > 0 && size <= HOOK_BODY) chunks.push(chunk);
                else {
                  for (const held of chunks.splice(0)) received.append(held);
                  received.append(chunk);
                }
              },
              trailers: (trailers) => {
                ex.responseTrailers = trailers;
              },
            },
            limit.signal,
          );
        } finally {
          connection.socket.destroy();
        }
      }
      ex.responseBody = Buffer.concat(chunks);
      const answer = ex.response;
      await run(viaHooks, (hook) => hook.response?.(ex));
      received.append(ex.replaced ?? ex.responseBody);
      if (answer === undefined) throw problem('no-answer', 'The application gave no answer');
    } catch (error) {
      if (outer.aborted) throw problem('cancelled', 'The replay was cancelled');
      ex.error = limit.timedOut() ? `No answer within ${timeoutMs} ms` : toProblem(error).message;
    } finally {
      limit.clear();
    }
    return flowOf(ex, recorded, local, sent.close(), received.close(), ports.clock(), experiment);
  };

  return async (flow, changes = {}, options = {}) => {
    const { times = 1, parallel = 1, signal } = options;
    const ready = await readyRequest(flow, changes, options, ports.bodies);
    const results: Flow[][] = new Array(times);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < times) {
        const at = next++;
        if (signal?.aborted === true) throw problem('cancelled', 'The replay was cancelled');
        results[at] = await once(flow, ready, options);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.min(parallel, times)) }, worker));
    return results.flat();
  };
}

/** Hooks in their order; one that throws is passed over, as in the proxy. */
async function run(
  hooks: readonly ProxyHooks[],
  call: (hook: ProxyHooks) => void | Promise<void> | undefined,
): Promise<void> {
  for (const hook of hooks) {
    try {
      await call(hook);
    } catch {
      // The proxy's own log names hooks that fail; a replay goes on without them.
    }
  }
}

function timeLimit(outer: AbortSignal, ms: number): { signal: AbortSignal; timedOut(): boolean; clear(): void } {
  const controller = new AbortController();
  let timedOut = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    timedOut = true;
    abort();
  }, ms);
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    clear() {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}

function flowOf(
  ex: ReplayExchange,
  recorded: Flow,
  local: { address: string; port: number } | undefined,
  requestBody: BodyInfo,
  responseBody: BodyInfo,
  endedAt: number,
  experiment: string | undefined,
): Flow {
  const { method, url, httpVersion, rawHeaders } = ex.request;
  return {
    id: ex.id,
    startedAt: ex.startedAt,
    endedAt,
    client: {
      address: local?.address ?? recorded.client.address,
      port: local?.port ?? 0,
      ...(recorded.client.identity === undefined ? {} : { identity: recorded.client.identity }),
    },
    request: { method, url, httpVersion, rawHeaders: [...rawHeaders], body: requestBody },
    ...(ex.response === undefined
      ? {}
      : {
          response: {
            ...ex.response,
            rawHeaders: [...ex.response.rawHeaders],
            body: responseBody,
            ...(ex.responseTrailers === undefined ? {} : { trailers: ex.responseTrailers }),
          },
        }),
    ...(ex.server === undefined ? {} : { server: ex.server }),
    timing: ex.timing,
    ...(ex.error === undefined ? {} : { error: ex.error }),
    ...(ex.editedBy.length === 0 ? {} : { editedBy: [...ex.editedBy] }),
    kind: 'http',
    origin: { replayOf: recorded.id, ...(experiment === undefined ? {} : { experiment }) },
  };
}

function field(rawHeaders: readonly string[], lowerCaseName: string): string | undefined {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerCaseName);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
