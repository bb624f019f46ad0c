import type { Exchange, ResponseHead } from './exchange.ts';
import type { ProxyHooks, Side, WebSocketFrame } from './hooks.ts';
import type { LogOnce } from './log-once.ts';

type Having<K extends keyof ProxyHooks> = ProxyHooks & Required<Pick<ProxyHooks, K>>;

/** Calls the hooks in their order. What a hook throws is logged once and goes no further. */
export class HookDispatcher {
  readonly #log: LogOnce;
  readonly #request: Having<'request'>[];
  readonly #response: Having<'response'>[];
  readonly #bodyChunk: Having<'bodyChunk'>[];
  readonly #trailers: Having<'trailers'>[];
  readonly #informational: Having<'informational'>[];
  readonly #webSocketFrame: Having<'webSocketFrame'>[];
  readonly #tunnel: Having<'tunnel'>[];
  readonly #error: Having<'error'>[];
  readonly #end: Having<'end'>[];
  readonly #clientTlsError: Having<'clientTlsError'>[];
  /** Exchanges that have begun and not ended. */
  #open = 0;
  #whenNoneOpen: (() => void) | undefined;

  constructor(hooks: readonly ProxyHooks[], log: LogOnce) {
    this.#log = log;
    const having = <K extends keyof ProxyHooks>(method: K) => hooks.filter((hook) => hook[method]) as Having<K>[];
    this.#request = having('request');
    this.#response = having('response');
    this.#bodyChunk = having('bodyChunk');
    this.#trailers = having('trailers');
    this.#informational = having('informational');
    this.#webSocketFrame = having('webSocketFrame');
    this.#tunnel = having('tunnel');
    this.#error = having('error');
    this.#end = having('end');
    this.#clientTlsError = having('clientTlsError');
  }

  /** Whether WebSocket frames need to be read at all. */
  get wantsFrames(): boolean {
    return this.#webSocketFrame.length > 0;
  }

  get wantsChunks(): boolean {
    return this.#bodyChunk.length > 0;
  }

  /** undefined when every hook answered at once: the common case costs no promise. */
  request(exchange: Exchange): Promise<void> | undefined {
    this.#open += 1;
    const hooks = this.#request;
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Having<'request'>;
      try {
        const waiting = hook.request(exchange);
        if (waiting !== undefined) return this.#rest(hooks, i, waiting, (next) => next.request(exchange));
      } catch (error) {
        this.#threw(hook, error);
      }
    }
    return undefined;
  }

  response(exchange: Exchange): Promise<void> | undefined {
    const hooks = this.#response;
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Having<'response'>;
      try {
        const waiting = hook.response(exchange);
        if (waiting !== undefined) return this.#rest(hooks, i, waiting, (next) => next.response(exchange));
      } catch (error) {
        this.#threw(hook, error);
      }
    }
    return undefined;
  }

  bodyChunk(exchange: Exchange, side: Side, chunk: Buffer): void {
    for (const hook of this.#bodyChunk) this.#call(hook, () => hook.bodyChunk(exchange, side, chunk));
  }

  trailers(exchange: Exchange, side: Side, trailers: string[]): void {
    for (const hook of this.#trailers) this.#call(hook, () => hook.trailers(exchange, side, trailers));
  }

  informational(exchange: Exchange, head: ResponseHead): void {
    for (const hook of this.#informational) this.#call(hook, () => hook.informational(exchange, head));
  }

  webSocketFrame(exchange: Exchange, frame: WebSocketFrame): void {
    for (const hook of this.#webSocketFrame) this.#call(hook, () => hook.webSocketFrame(exchange, frame));
  }

  tunnel(exchange: Exchange): void {
    this.#open += 1;
    for (const hook of this.#tunnel) this.#call(hook, () => hook.tunnel(exchange));
  }

  error(exchange: Exchange, error: Error): void {
    for (const hook of this.#error) this.#call(hook, () => hook.error(exchange, error));
  }

  end(exchange: Exchange): void {
    const hooks = this.#end;
    for (let i = 0; i < hooks.length; i++) {
      const hook = hooks[i] as Having<'end'>;
      try {
        hook.end(exchange);
      } catch (error) {
        this.#threw(hook, error);
      }
    }
    this.#open -= 1;
    if (this.#open === 0) this.#whenNoneOpen?.();
  }

  /** Resolves when every exchange that has begun has ended, at the latest after `patience` milliseconds. */
  settled(patience: number): Promise<void> {
    if (this.#open <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#whenNoneOpen = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  clientTlsError(...[where, error]: Parameters<Required<ProxyHooks>['clientTlsError']>): void {
    for (const hook of this.#clientTlsError) this.#call(hook, () => hook.clientTlsError(where, error));
  }

  async #rest<H extends ProxyHooks>(
    hooks: readonly H[],
    at: number,
    waiting: Promise<void>,
    call: (hook: H) => void | Promise<void>,
  ): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      this.#threw(hooks[at] as H, error);
    }
    for (const hook of hooks.slice(at + 1)) {
      try {
        await call(hook);
      } catch (error) {
        this.#threw(hook, error);
      }
    }
  }

  #call(hook: ProxyHooks, body: () => void): void {
    try {
      body();
    } catch (error) {
      this.#threw(hook, error);
    }
  }

  #threw(hook: ProxyHooks, error: unknown): void {
    const text =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error);
    this.#log.log(`hook ${hook.name} ${text}`, `The hook ${hook.name} failed; traffic carries on without it: ${text}`);
  }
}
