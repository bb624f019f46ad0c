import { problem } from '../model/problem.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** WebDriver BiDi (W3C) to a Firefox that we started: one session, which keeps every other client out. */
export class BidiSocket {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', (event) => this.#message(String(event.data)));
    socket.addEventListener('close', () => {
      for (const pending of this.#pending.values()) pending.reject(problem('browser-gone', 'The browser was closed'));
      this.#pending.clear();
    });
  }

  /** @param address the `ws://127.0.0.1:port` that Firefox printed */
  static async connect(address: string): Promise<BidiSocket> {
    const socket = new WebSocket(`${address}/session`);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(problem('browser-failed', 'Firefox does not answer')), {
        once: true,
      });
    });
    return new BidiSocket(socket);
  }

  /** @throws ProblemError `browser-refused` with Firefox's own words; `browser-gone` when it ended meanwhile */
  send<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(problem('browser-gone', 'The browser was closed'));
    }
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: (result) => resolve(result as T), reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #message(text: string): void {
    const message = JSON.parse(text) as { id?: number; type: string; result?: unknown; message?: string };
    if (typeof message.id !== 'number') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'success') pending?.resolve(message.result);
    else pending?.reject(problem('browser-refused', `The browser refused: ${message.message ?? message.type}`));
  }
}
