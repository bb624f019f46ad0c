import type { ResponseHead } from '../exchange.ts';
import { type Framing, factsOf, noBody, untilClose } from './facts.ts';
import type { HeadLines } from './head-lines.ts';
import type { HttpWriter } from './http-writer.ts';
import { writeHead, writeTrailers } from './write-head.ts';

/** What of a request decides how its answer is written. */
export interface Asked {
  readonly method: string;
  readonly version: '1.0' | '1.1';
  /** The client wants to go on using the connection. */
  readonly keep: boolean;
  /** The client waits for 100 before it sends its body. */
  readonly expectsContinue: boolean;
}

/**
 * How an answer's body is delimited for a client, and whether the connection can be used afterwards.
 * @param continued the client was told to continue.
 * @param requestComplete the request's body has arrived.
 */
export function answerShape(
  asked: Asked,
  framing: Framing,
  continued: boolean,
  requestComplete: boolean,
): { readonly framing: Framing; readonly keep: boolean } {
  // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
  const sent = framing.kind === 'chunked' && asked.version === '1.0' ? untilClose : framing;
  // A client that waits for 100 and gets a final answer may or may not send its body: nobody can tell the next request
  // from it. The same holds while the body is still on its way.
  const readable = requestComplete && (!asked.expectsContinue || continued);
  return { framing: sent, keep: asked.keep && readable && sent.kind !== 'close' };
}

/** Writes the answers to one client connection. */
export class AnswerWriter {
  /** The connection can be used for another request. */
  keep = true;
  readonly #out: HttpWriter;
  #asked: Asked = { method: '', version: '1.1', keep: true, expectsContinue: false };
  #continued = false;
  #chunked = false;

  constructor(out: HttpWriter) {
    this.#out = out;
  }

  /** An answer to this request is to follow. */
  begin(asked: Asked): void {
    this.#asked = asked;
    this.keep = asked.keep;
    this.#continued = false;
  }

  informational(head: ResponseHead): void {
    if (this.#asked.version === '1.0') return; // RFC 9110 section 15.2
    if (head.status === 100) this.#continued = true;
    this.#out.text(headText(head, noBody, '', false, false, ''));
    this.#out.flush();
  }

  /**
   * @param received how the head came, where it came as HTTP/1.
   * @throws HeadError when the head cannot be written.
   */
  head(head: ResponseHead, framing: Framing, requestComplete: boolean, received?: HeadLines): void {
    const asked = this.#asked;
    const shape = answerShape(asked, framing, this.#continued, requestComplete);
    this.keep = shape.keep;
    const describesBody = framing.kind === 'none' && (asked.method === 'HEAD' || head.status === 304);
    const { connection } = received?.factsOf(head.rawHeaders) ?? factsOf(head.rawHeaders);
    const extra = shape.keep ? (asked.version === '1.0' ? 'Connection: keep-alive\r\n' : '') : 'Connection: close\r\n';
    this.#out.text(headText(head, shape.framing, connection, false, describesBody, extra, received));
    this.#chunked = shape.framing.kind === 'chunked';
  }

  body(chunk: Buffer): void {
    if (this.#chunked) this.#out.chunk(chunk);
    else this.#out.bytes(chunk);
  }

  end(trailers: string[] | undefined): void {
    if (this.#chunked) this.#out.text(`0\r\n${writeTrailers(trailers)}\r\n`);
    this.#out.flush();
  }
}

/** The head that answers an upgrade (101). */
export function upgradeText(head: ResponseHead): string {
  return headText(head, noBody, '', true, false, '');
}

function headText(
  { status, reason, rawHeaders }: ResponseHead,
  framing: Framing,
  connection: string,
  upgrade: boolean,
  describesBody: boolean,
  extra: string,
  received?: HeadLines,
): string {
  const shape = { request: false, framing, connection, upgrade, describesBody, extra };
  return writeHead(`HTTP/1.1 ${status} ${reason}`, rawHeaders, shape, received);
}
