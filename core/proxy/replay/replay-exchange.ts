import { problem } from '../../model/problem.ts';
import type { Exchange, OwnResponse, RequestHead, ResponseHead } from '../exchange.ts';
import type { Side } from '../hooks.ts';
import type { ReadyRequest } from './replay-request.ts';

/** A replayed exchange as hooks see it: bodies are whole, nothing is in flight. */
export class ReplayExchange implements Exchange {
  readonly id: string;
  readonly startedAt: number;
  readonly kind = 'http';
  readonly client = { address: 'replay', port: 0 };
  readonly scope = 'record';
  readonly secure: boolean;
  readonly request: RequestHead;
  response?: ResponseHead;
  responseTrailers?: readonly string[];
  server?: { readonly address: string; readonly port: number };
  timing: Exchange['timing'] = {};
  error?: string;
  readonly editedBy: string[] = [];
  given: OwnResponse | undefined;
  requestBody: Uint8Array | undefined;
  responseBody: Buffer = Buffer.alloc(0);
  replaced: Uint8Array | undefined;
  #aborted: string | undefined;

  constructor(id: string, startedAt: number, request: ReadyRequest) {
    this.id = id;
    this.startedAt = startedAt;
    this.secure = request.url.startsWith('https:');
    this.request = {
      method: request.method,
      url: request.url,
      httpVersion: request.http2 ? '2.0' : '1.1',
      rawHeaders: [...request.rawHeaders],
    };
    this.requestBody = request.body;
  }

  get requestBytes(): number {
    return this.requestBody?.length ?? 0;
  }

  get responseBytes(): number {
    return this.responseBody.length;
  }

  get answered(): boolean {
    return this.given !== undefined;
  }

  get hasRequestBody(): boolean {
    return this.requestBody !== undefined;
  }

  /** Set when a hook broke the exchange off. */
  get aborted(): string | undefined {
    return this.#aborted;
  }

  header(side: Side, lowerCaseName: string): string | undefined {
    const list = (side === 'request' ? this.request : this.response)?.rawHeaders ?? [];
    const at = list.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerCaseName);
    return at < 0 ? undefined : list[at + 1];
  }

  keptHeaders(side: Side): readonly string[] {
    return ((side === 'request' ? this.request : this.response)?.rawHeaders ?? []).slice();
  }

  async bufferBody(side: Side, limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    const body = side === 'request' ? Buffer.from(this.requestBody ?? []) : this.responseBody;
    if (body.length > limit) throw problem('body-too-large', `The body has more than ${limit} bytes`);
    return body;
  }

  replaceBody(side: Side, body: Uint8Array): void {
    if (side === 'request') this.requestBody = body;
    else this.replaced = body;
  }

  respond(response: OwnResponse): void {
    this.given = response;
  }

  abort(reason: string): void {
    this.#aborted = reason;
  }
}
