import type { Flow } from '../model/flow.ts';
import type { Client, Exchange, OwnResponse, RequestHead, ResponseHead, Scope } from './exchange.ts';
import type { Side } from './hooks.ts';
import type { HeadLines } from './http1/head-lines.ts';

/** What an exchange asks of the relay that carries it. */
export interface BodyControl {
  bufferBody(side: Side, limit: number | undefined): Promise<Buffer>;
  replaceBody(side: Side, body: Buffer): void;
  respond(response: OwnResponse): void;
  abort(reason: string): void;
}

export interface Timing {
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
  totalMs?: number;
}

/** The engine's own side of an Exchange. */
export class EngineExchange implements Exchange {
  readonly id: string;
  readonly startedAt: number;
  kind: Flow['kind'];
  readonly client: Client;
  readonly scope: Scope;
  readonly secure: boolean;
  declare own?: 'check' | 'direct' | 'loop';
  readonly request: RequestHead;
  declare response?: ResponseHead;
  declare requestTrailers?: string[];
  declare responseTrailers?: string[];
  declare server?: { readonly address: string; readonly port: number };
  readonly timing: Timing = {};
  requestBytes = 0;
  responseBytes = 0;
  declare error?: string;
  recording: unknown = undefined;
  answered = false;
  hasRequestBody = false;
  /** How the heads came, where they came as HTTP/1: what nobody has changed is written as it was read. */
  requestLines: HeadLines | undefined = undefined;
  responseLines: HeadLines | undefined = undefined;
  /** Set by the relay before any hook runs. */
  control: BodyControl | undefined = undefined;
  #editedBy: string[] | undefined = undefined;

  constructor(fields: {
    id: string;
    startedAt: number;
    kind: Flow['kind'];
    client: Client;
    scope: Scope;
    secure: boolean;
    request: RequestHead;
  }) {
    this.id = fields.id;
    this.startedAt = fields.startedAt;
    this.kind = fields.kind;
    this.client = fields.client;
    this.scope = fields.scope;
    this.secure = fields.secure;
    this.request = fields.request;
  }

  get editedBy(): string[] {
    this.#editedBy ??= [];
    return this.#editedBy;
  }

  header(side: Side, lowerCaseName: string): string | undefined {
    const fields = side === 'request' ? this.request.rawHeaders : this.response?.rawHeaders;
    if (fields === undefined) return undefined;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) return fields[i + 1];
    }
    return undefined;
  }

  keptHeaders(side: Side): readonly string[] {
    const isRequest = side === 'request';
    const fields = isRequest ? this.request.rawHeaders : (this.response?.rawHeaders ?? []);
    return (isRequest ? this.requestLines : this.responseLines)?.copyOf(fields) ?? fields.slice();
  }

  bufferBody(side: Side, limit?: number): Promise<Buffer> {
    return this.#relay().bufferBody(side, limit);
  }

  replaceBody(side: Side, body: Uint8Array): void {
    this.#relay().replaceBody(side, Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  }

  respond(response: OwnResponse): void {
    this.#relay().respond(response);
    this.answered = true;
  }

  abort(reason: string): void {
    this.#relay().abort(reason);
  }

  #relay(): BodyControl {
    if (this.control === undefined) throw new Error('this exchange has no body to handle: it is a tunnel');
    return this.control;
  }
}
