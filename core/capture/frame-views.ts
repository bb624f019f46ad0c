import { Buffer } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';
import type { FrameView } from '../model/proxy-settings.ts';

/** A frame as it was kept: what passed, the payload not inflated. */
export type KeptFrame = Pick<FrameView, 'at' | 'from' | 'opcode' | 'fin' | 'compressed' | 'size'> & {
  readonly base64: string;
};

/** Bytes of one payload that are shown. */
const SHOWN = 4_096;
/** Most that is made of one message, and of all messages of a WebSocket: a few bytes can unfold to megabytes. */
const MESSAGE_BYTES = 4 << 20;
const SOCKET_BYTES = 16 << 20;
/** Window of deflate (RFC 1951): later messages may refer to so many bytes of earlier ones. */
const WINDOW = 32 << 10;
/** RFC 7692 section 7.2.2: what the sender cut off each compressed message. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

type Note = NonNullable<FrameView['note']>;

/** A message of one direction that has begun and not ended. */
interface Begun {
  readonly at: number;
  readonly opcode: number;
  readonly compressed: boolean;
  readonly parts: Buffer[];
  whole: boolean;
}

/** One direction: its own window, its own message under way. */
interface Direction {
  readonly takeover: boolean;
  window: Buffer;
  /** The window is not known any more. */
  lost: boolean;
  message: Begun | undefined;
}

/**
 * Turns kept frames into what a user reads: text, close codes, and compressed messages inflated (permessage-deflate,
 * RFC 7692). Frames are given in order, in as many calls as there is news; the contexts of both directions go along.
 * Nothing is inflated before somebody looks, and never without bounds.
 */
export class FrameViewer {
  readonly views: FrameView[] = [];
  readonly #deflate: boolean;
  readonly #whole: boolean;
  readonly #directions: Readonly<Record<'client' | 'server', Direction>>;
  #left = SOCKET_BYTES;

  /**
   * @param extensions `Sec-WebSocket-Extensions` of the response: what was agreed on
   * @param whole gives payloads as far as they are kept, always as base64: for exports. Otherwise their beginning.
   */
  constructor(extensions: string, { whole = false }: { readonly whole?: boolean } = {}) {
    this.#whole = whole;
    const agreed = extensions.split(',').find((one) => /^\s*permessage-deflate\s*(;|$)/i.test(one)) ?? '';
    this.#deflate = agreed !== '';
    const direction = (from: 'client' | 'server'): Direction => ({
      takeover: !new RegExp(`;\\s*${from}_no_context_takeover\\b`, 'i').test(agreed),
      window: Buffer.alloc(0),
      lost: false,
      message: undefined,
    });
    this.#directions = { client: direction('client'), server: direction('server') };
  }

  /** Takes the frames that came since the last call. */
  add(frames: readonly KeptFrame[]): void {
    for (const frame of frames) this.#add(frame);
  }

  #add(frame: KeptFrame): void {
    const { base64, ...head } = frame;
    const payload = Buffer.from(base64, 'base64');
    const whole = payload.length === frame.size;
    if (frame.opcode >= 8) {
      this.views.push({ ...head, ...control(frame.opcode, payload, whole) });
      return;
    }
    const direction = this.#directions[frame.from];
    if (frame.opcode !== 0) {
      const { opcode, compressed } = frame;
      direction.message = { at: this.views.length, opcode, compressed, parts: [], whole: true };
    }
    const { message } = direction;
    const ofMessage = message !== undefined && message.at < this.views.length;
    if (message === undefined || !message.compressed) {
      const text = (message?.opcode ?? frame.opcode) === 1;
      this.views.push({ ...head, ...this.#shown(payload, text, !whole) });
    } else {
      message.parts.push(payload);
      message.whole &&= whole;
      // The message is read as a whole, and shown where it begins.
      this.views.push(ofMessage ? { ...head, note: 'part' } : { ...head });
      this.#show(direction, message, frame.fin);
    }
    if (frame.fin) direction.message = undefined;
  }

  #show(direction: Direction, message: Begun, ended: boolean): void {
    const view = this.views[message.at];
    if (view === undefined) return;
    const { at, from, opcode, fin, compressed, size } = view;
    this.views[message.at] = { at, from, opcode, fin, compressed, size, ...this.#read(direction, message, ended) };
  }

  #read(direction: Direction, message: Begun, ended: boolean): Partial<FrameView> {
    const raw = Buffer.concat(message.parts);
    const failed = (note: Note): Partial<FrameView> => {
      direction.lost = true;
      return { ...this.#shown(raw, false, !message.whole), note };
    };
    if (!this.#deflate) return failed('extension');
    if (direction.lost && direction.takeover) return failed('context');
    if (!message.whole) return failed('cut');
    if (!ended) return { note: 'open' };
    const most = Math.min(MESSAGE_BYTES, this.#left);
    if (most <= 0) return failed('too-large');
    let bytes: Buffer;
    try {
      bytes = inflateRawSync(Buffer.concat([raw, TAIL]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: most,
        ...(direction.takeover && direction.window.length > 0 ? { dictionary: direction.window } : {}),
      });
    } catch (error) {
      return failed((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'damaged');
    }
    this.#left -= bytes.length;
    if (direction.takeover) {
      // A copy: a slice would hold the whole message in memory.
      direction.window = Buffer.from(Buffer.concat([direction.window, bytes.subarray(-WINDOW)]).subarray(-WINDOW));
    }
    return { ...this.#shown(bytes, message.opcode === 1, false), inflated: bytes.length };
  }

  #shown(bytes: Buffer, asText: boolean, cut: boolean): ReturnType<typeof shown> {
    if (!this.#whole) return shown(bytes, asText, cut);
    return { base64: bytes.toString('base64'), ...(cut ? { cut: true as const } : {}) };
  }
}

/** The beginning of a payload, as text where it is announced as text and is some. */
function shown(bytes: Buffer, asText: boolean, cut: boolean): Pick<FrameView, 'text' | 'base64' | 'cut'> {
  const start = bytes.subarray(0, SHOWN);
  const shortened = cut || start.length < bytes.length ? { cut: true as const } : {};
  const text = asText ? utf8(start) : undefined;
  return text === undefined ? { base64: start.toString('base64'), ...shortened } : { text, ...shortened };
}

/** RFC 6455 section 5.5: a close frame has a code of two bytes and a reason; ping and pong have any bytes. */
function control(opcode: number, payload: Buffer, whole: boolean): Partial<FrameView> {
  if (opcode !== 8) {
    return shown(payload, /^[\x20-\x7e]*$/.test(payload.toString('latin1')), !whole);
  }
  if (payload.length === 0) return {};
  if (payload.length === 1) return { ...shown(payload, false, !whole), note: 'damaged' };
  return { close: { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) } };
}

/**
 * Text, or undefined where the bytes are none. A cut or a border of fragments may fall into a character: that is no
 * damage, and what is missing of it is shown as U+FFFD.
 */
function utf8(bytes: Buffer): string | undefined {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes.subarray(start), { stream: true });
    const rest = bytes.length - start - Buffer.byteLength(text);
    return `${start > 0 ? '\ufffd' : ''}${text}${rest > 0 ? '\ufffd' : ''}`;
  } catch {
    return undefined;
  }
}
