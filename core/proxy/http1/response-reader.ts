import type { ResponseHead } from '../exchange.ts';
import { ChunkedDecoder } from './chunked.ts';
import { type Framing, type HeadFacts, hasSureEnd, isInformational, noBody, responseFraming } from './facts.ts';
import { END_OF_HEAD, parseResponseHead } from './head.ts';
import { HeadError } from './head-error.ts';
import { HeadLines } from './head-lines.ts';
import type { HeadLimits } from './request-reader.ts';

/** 1xx heads that may come before a final one. */
const MAX_INFORMATIONAL = 100;

/** What a ResponseReader finds, in order. Each may pause the reader. */
export interface ResponseEvents {
  /** A 1xx head other than 101. */
  readInformational(head: ResponseHead): void;
  /** @param sound what follows this answer can be taken for the next one. */
  readHead(head: ResponseHead, framing: Framing, facts: HeadFacts, sound: boolean): void;
  /** A slice of the input, not copied. */
  readBody(chunk: Buffer): void;
  readEnd(trailers: string[] | undefined): void;
  /** 101: from `rest` on the bytes belong to another protocol. */
  readSwitch(head: ResponseHead, rest: Buffer): void;
  /** Bytes that belong to no answer: never to be taken for the next one. */
  readSurplus(): void;
}

/** Takes the answers of an application from bytes that are cut anywhere, leniently. No I/O. */
export class ResponseReader {
  /** The lines of the head that was read last. */
  readonly lines = new HeadLines();
  readonly #limits: HeadLimits;
  readonly #events: ResponseEvents;
  readonly #onChunk: (chunk: Buffer) => void;
  /** `idle`: no answer is awaited. */
  #state: 'idle' | 'head' | 'body' | 'switched' = 'idle';
  #paused = false;
  /** The beginning of a head, or what came while paused. */
  #waiting: Buffer | undefined = undefined;
  #method = '';
  #upgrading = false;
  #informational = 0;
  /** Every head of this answer began as it should. */
  #sound = true;
  #framing: Framing = noBody;
  #left = 0;
  #decoder: ChunkedDecoder | undefined = undefined;

  constructor(limits: HeadLimits, events: ResponseEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#onChunk = (chunk) => events.readBody(chunk);
  }

  get idle(): boolean {
    return this.#state === 'idle';
  }

  /** The end of the connection would be the end of the answer. */
  get untilClose(): boolean {
    return this.#state === 'body' && this.#framing.kind === 'close';
  }

  /** An answer to a request of this method is to come. `upgrading`: 101 is a possible one. */
  expect(method: string, upgrading: boolean): void {
    this.#method = method;
    this.#upgrading = upgrading;
    this.#informational = 0;
    this.#sound = true;
    this.#state = 'head';
  }

  /** No answer is awaited any more. */
  reset(): void {
    this.#state = 'idle';
    this.#paused = false;
    this.#waiting = undefined;
    this.#decoder = undefined;
  }

  /**
   * The connection has ended, and with it an answer that is delimited so, or whose head has no end: Chromium and curl
   * take that as it is.
   * @returns whether it was one of these.
   */
  finish(): boolean {
    if (this.#state === 'head' && this.#waiting !== undefined && !this.#paused) {
      const lineEnded = this.#waiting.at(-1) === 10;
      const head = Buffer.concat([this.#waiting, lineEnded ? END_OF_HEAD.subarray(2) : END_OF_HEAD]);
      this.#waiting = undefined;
      this.#sound = false;
      this.#parse(head);
    }
    if (!this.untilClose) return this.#state === 'idle';
    this.#end(undefined);
    return true;
  }

  /** Nothing is told until `resume`; what is fed meanwhile waits. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on with what has waited. @throws HeadError as `feed` does. */
  resume(): void {
    this.#paused = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#parse(waiting);
  }

  /** @throws HeadError 502 when this is no answer. */
  feed(bytes: Buffer): void {
    const before = this.#waiting;
    if (before === undefined) {
      this.#parse(bytes);
      return;
    }
    const input = Buffer.concat([before, bytes]);
    // Parsing starts again with every piece of a head: only worth it when its end can be in the new part.
    if (
      this.#paused ||
      (this.#state === 'head' && !hasHeadEnd(input, before.length - 3) && input.length <= this.#limits.headBytes)
    ) {
      this.#waiting = input;
      return;
    }
    this.#waiting = undefined;
    this.#parse(input);
  }

  #parse(bytes: Buffer): void {
    let at = 0;
    // Every event may change the state or pause.
    while (at < bytes.length) {
      if (this.#paused) {
        this.#waiting = at === 0 ? bytes : bytes.subarray(at);
        return;
      }
      if (this.#state === 'head') {
        const next = this.#readHead(bytes, at);
        if (next < 0) return;
        at = next;
      } else if (this.#state === 'body') {
        at = this.#readBody(bytes, at);
      } else {
        if (this.#state === 'idle') this.#events.readSurplus();
        return;
      }
    }
  }

  /** @returns where the head ends; -1: more bytes are needed. */
  #readHead(bytes: Buffer, at: number): number {
    const { headBytes, headerCount } = this.#limits;
    const rest = at === 0 ? bytes : bytes.subarray(at);
    const parsed = parseResponseHead(rest, headerCount, this.lines);
    if ((parsed === undefined ? rest.length : parsed.end) > headBytes) {
      throw new HeadError(502, `its answer's head is longer than ${headBytes} bytes`);
    }
    if (parsed === undefined) {
      this.#waiting = rest;
      return -1;
    }
    const { status, reason, version: httpVersion, rawHeaders, odd } = parsed.head;
    const end = at + parsed.end;
    this.#headRead({ status, reason, httpVersion, rawHeaders }, odd !== true, bytes, end);
    return end;
  }

  #headRead(head: ResponseHead, sound: boolean, bytes: Buffer, end: number): void {
    if (head.status === 101) {
      if (!this.#upgrading) throw new HeadError(502, 'it switched protocols unasked');
      this.#state = 'switched';
      this.#events.readSwitch(head, bytes.subarray(end));
      return;
    }
    this.#sound &&= sound;
    if (isInformational(head.status)) {
      if (++this.#informational > MAX_INFORMATIONAL)
        throw new HeadError(502, 'too many 1xx answers before the final one');
      this.#events.readInformational(head);
      return;
    }
    const facts = this.lines.factsOf(head.rawHeaders);
    const framing = responseFraming(facts, this.#method, head.status, head.rawHeaders);
    this.#framing = framing;
    this.#state = 'body';
    this.#left = framing.kind === 'length' ? framing.length : 0;
    this.#decoder = framing.kind === 'chunked' ? new ChunkedDecoder(true, this.#limits.headBytes) : undefined;
    this.#events.readHead(head, framing, facts, this.#sound && hasSureEnd(facts, head.httpVersion));
    if (framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0)) this.#end(undefined);
  }

  /** @returns where the body, or what is there of it, ends. */
  #readBody(bytes: Buffer, at: number): number {
    switch (this.#framing.kind) {
      case 'length': {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        this.#events.readBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
        if (this.#left === 0) this.#end(undefined);
        return end;
      }
      case 'chunked': {
        const decoder = this.#decoder as ChunkedDecoder;
        const end = decoder.feed(bytes, at, this.#onChunk);
        if (decoder.done) this.#end(decoder.trailers);
        return end;
      }
      default:
        this.#events.readBody(at === 0 ? bytes : bytes.subarray(at));
        return bytes.length;
    }
  }

  #end(trailers: string[] | undefined): void {
    if (this.#state !== 'body') return; // given up meanwhile
    this.#state = 'idle';
    this.#decoder = undefined;
    this.#paused = false;
    this.#events.readEnd(trailers);
  }
}

/** Whether an empty line, also with bare LF, begins at or after `from`. */
function hasHeadEnd(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(10, Math.max(0, from)); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10 || (next === 13 && bytes[at + 2] === 10)) return true;
  }
  return false;
}
