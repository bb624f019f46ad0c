import { decodeBody } from '../capture/decode-body.ts';
import type { BodyInfo, Flow } from '../model/flow.ts';
import type { FrameView } from '../model/proxy-settings.ts';
import { Masker } from '../secrets/mask.ts';
import { cookiesOf, fieldValue, pairs, queryOf, setCookiesOf } from './har-parts.ts';

export interface HarOptions {
  /** Version of Sessionscope. */
  readonly version: string;
  /** Reads kept bodies; a body that is gone is left out with a comment. */
  readonly readBody: (ref: string) => Promise<Uint8Array>;
  /** Reads the frames of a WebSocket, with whole payloads as base64; undefined where frames are not recorded. */
  readonly readFrames?: ((flow: Flow) => Promise<{ frames: readonly FrameView[]; total: number }>) | undefined;
  /** Leaves cookies, credentials and passwords in. Default: they are masked. */
  readonly withSecrets?: boolean;
  /** Gets what was masked, what could not be looked into and what a HAR cannot hold, once all is written. */
  readonly onNotes?: (notes: readonly string[]) => void;
  readonly signal?: AbortSignal;
}

/** What an entry is written with. */
interface Writing extends HarOptions {
  /** Undefined: with secrets. */
  readonly masker: Masker | undefined;
  /** What the format cannot hold, for the whole document. */
  readonly lost: Set<string>;
}

/**
 * Writes flows as HAR 1.2, piece by piece, so that size does not matter. Header values are Latin-1, as they came. What
 * could not be kept (a cut body, a tunnel) is said in the entry's comment; what was masked, at the end of the document.
 */
export async function* harText(
  flows: Iterable<Flow> | AsyncIterable<Flow>,
  options: HarOptions,
): AsyncGenerator<string, void, undefined> {
  const writing: Writing = {
    ...options,
    masker: options.withSecrets === true ? undefined : new Masker(),
    lost: new Set(),
  };
  const creator = { name: 'Sessionscope', version: options.version };
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"pages":[],"entries":[`;
  let first = true;
  for await (const flow of flows) {
    options.signal?.throwIfAborted();
    yield `${first ? '' : ','}\n${JSON.stringify(await entryOf(flow, writing))}`;
    first = false;
  }
  const head = writing.masker === undefined ? 'With secrets' : 'Cookies, credentials and passwords are masked';
  const notes = [...(writing.masker?.notes() ?? []), ...writing.lost];
  yield `\n],"comment":${JSON.stringify([head, ...notes].join('. '))}}}\n`;
  options.onNotes?.(notes);
}

async function entryOf(flow: Flow, writing: Writing): Promise<Record<string, unknown>> {
  const { masker, lost } = writing;
  const notes: string[] = [];
  const error = flow.error === undefined ? undefined : (masker?.text(flow.error) ?? flow.error);
  if (error !== undefined) notes.push(error);
  if (flow.editedBy !== undefined) notes.push(`Edited: ${flow.editedBy.join(', ')}`);
  if (flow.kind !== 'http') notes.push(`A ${flow.kind} connection`);
  if (flow.request.sent !== undefined || flow.response?.sent !== undefined) {
    lost.add('What rules and edits made of a message has no place in a HAR; it holds what was received');
  }
  if ((flow.request.trailers ?? flow.response?.trailers) !== undefined) lost.add('Trailers have no place in a HAR');
  const time = Math.max(0, (flow.endedAt ?? flow.startedAt) - flow.startedAt);
  const request = await requestOf(flow, writing, notes);
  const response = await responseOf(flow, writing, notes);
  const messages = flow.kind === 'websocket' ? await messagesOf(flow, writing, notes) : undefined;
  const { connectMs, tlsMs, firstByteMs } = flow.timing ?? {};
  const setup = (connectMs ?? 0) + (tlsMs ?? 0);
  const wait = Math.max(0, (firstByteMs ?? time) - setup);
  return {
    startedDateTime: new Date(flow.startedAt).toISOString(),
    time,
    request,
    response,
    cache: {},
    timings: {
      blocked: -1,
      dns: -1,
      // HAR counts the TLS handshake into `connect`.
      connect: connectMs === undefined ? -1 : setup,
      ssl: tlsMs ?? -1,
      send: 0,
      wait,
      receive: Math.max(0, time - setup - wait),
    },
    ...(flow.server === undefined ? {} : { serverIPAddress: flow.server.address, _serverPort: flow.server.port }),
    connection: String(flow.client.port),
    ...(flow.kind === 'http' ? {} : { _resourceType: flow.kind }),
    ...(messages === undefined ? {} : { _webSocketMessages: messages }),
    ...(notes.length === 0 ? {} : { comment: notes.join('; ') }),
  };
}

async function requestOf(flow: Flow, writing: Writing, notes: string[]): Promise<unknown> {
  const { request } = flow;
  const { masker } = writing;
  const headers = masker?.fields(request.rawHeaders) ?? request.rawHeaders;
  const address = masker?.url(request.url) ?? request.url;
  // Browsers write WebSockets so, and read them so.
  const url = flow.kind === 'websocket' ? address.replace(/^http/i, 'ws') : address;
  const type = fieldValue(headers, 'content-type');
  const body = await bodyOf(request.body, request.rawHeaders, writing, 'request', notes);
  const form = body !== undefined && /^application\/x-www-form-urlencoded/i.test(type);
  return {
    method: request.method,
    url,
    httpVersion: versionOf(request.httpVersion),
    cookies: cookiesOf(headers),
    headers: pairs(headers),
    queryString: queryOf(url),
    ...(body === undefined
      ? {}
      : {
          postData: {
            mimeType: type,
            ...(form ? { params: queryOf(`?${body.text}`) } : {}),
            text: body.text,
            ...(body.base64 ? { encoding: 'base64', _encoding: 'base64' } : {}),
            ...(body.asSent ? { _asSent: true } : {}),
          },
        }),
    headersSize: -1,
    bodySize: request.body.size,
  };
}

async function responseOf(flow: Flow, writing: Writing, notes: string[]): Promise<unknown> {
  const { response } = flow;
  if (response === undefined) {
    // HAR has no entry without a response; browsers write status 0.
    return {
      status: 0,
      statusText: '',
      httpVersion: '',
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: '' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    };
  }
  const headers = writing.masker?.fields(response.rawHeaders) ?? response.rawHeaders;
  const body = await bodyOf(response.body, response.rawHeaders, writing, 'response', notes);
  const size = body?.bytes ?? response.body.size;
  return {
    status: response.status,
    statusText: response.reason,
    httpVersion: versionOf(response.httpVersion),
    cookies: setCookiesOf(headers),
    headers: pairs(headers),
    content: {
      size,
      compression: size - response.body.size,
      mimeType: fieldValue(headers, 'content-type'),
      ...(body === undefined ? {} : { text: body.text, ...(body.base64 ? { encoding: 'base64' } : {}) }),
      ...(body?.asSent === true ? { _asSent: true } : {}),
    },
    redirectURL: fieldValue(headers, 'location'),
    headersSize: -1,
    bodySize: response.body.size,
  };
}

async function bodyOf(
  info: BodyInfo,
  headers: readonly string[],
  { readBody, masker }: Writing,
  side: string,
  notes: string[],
): Promise<{ text: string; base64: boolean; bytes: number; asSent: boolean } | undefined> {
  if (info.size === 0) return undefined;
  if (info.kept < info.size) notes.push(`Only ${info.kept} of ${info.size} bytes of the ${side} body were recorded`);
  if (info.ref === undefined) return undefined;
  let raw: Uint8Array;
  try {
    raw = await readBody(info.ref);
  } catch {
    notes.push(`The ${side} body is not kept any more`);
    return undefined;
  }
  const decoded = await decodeBody(raw, fieldValue(headers, 'content-encoding'));
  if (decoded.note !== undefined) notes.push(`${side}: ${decoded.note}`);
  const masked = masker?.body(decoded.bytes, fieldValue(headers, 'content-type')) ?? decoded.bytes;
  const bytes = Buffer.from(masked.buffer, masked.byteOffset, masked.byteLength);
  const text = bytes.toString('utf8');
  // Bytes that are no UTF-8 would come back changed, so they go as base64.
  const base64 = !Buffer.from(text, 'utf8').equals(bytes);
  // HAR has bodies without their coding; one that still has it, or never had it, is not to get it when it is read.
  const asSent = decoded.left !== undefined;
  return { text: base64 ? bytes.toString('base64') : text, base64, bytes: bytes.length, asSent };
}

/** The messages of a WebSocket, as Chromium, Playwright and mitmproxy write them; fragments are put together. */
async function messagesOf(
  flow: Flow,
  { readFrames, masker }: Writing,
  notes: string[],
): Promise<unknown[] | undefined> {
  const count = flow.frames?.count ?? 0;
  if (readFrames === undefined) {
    if (count > 0) notes.push(`${count} frames are not written: they were not recorded`);
    return undefined;
  }
  let read: Awaited<ReturnType<NonNullable<HarOptions['readFrames']>>>;
  try {
    read = await readFrames(flow);
  } catch {
    notes.push('The messages are not kept any more');
    return undefined;
  }
  if (read.total > read.frames.length) {
    notes.push(`Only the first ${read.frames.length} of ${read.total} frames were recorded`);
  }
  const messages: { type: string; time: number; opcode: number; data: string }[] = [];
  const open: Partial<Record<FrameView['from'], { at: number; opcode: number; parts: Buffer[] }>> = {};
  let cut = 0;
  let unread = 0;
  const write = (from: FrameView['from'], at: number, opcode: number, payload: Buffer): void => {
    const text = opcode === 1 ? payload.toString('utf8') : undefined;
    const data =
      text === undefined
        ? Buffer.from(masker?.body(payload, '') ?? payload).toString('base64')
        : (masker?.message(text) ?? text);
    messages.push({ type: from === 'client' ? 'send' : 'receive', time: at / 1000, opcode, data });
  };
  for (const frame of read.frames) {
    if (frame.opcode >= 8 || frame.note === 'part') continue;
    if (frame.cut === true) cut += 1;
    if (frame.note !== undefined) unread += 1;
    const payload = Buffer.from(frame.base64 ?? '', 'base64');
    const { from, at, opcode, fin, compressed } = frame;
    // What could not be inflated is bytes, whatever the opcode says. An inflated message is whole where it begins.
    if (compressed) write(from, at, frame.note === undefined ? opcode : 2, payload);
    else if (opcode !== 0 && fin) write(from, at, opcode, payload);
    else if (opcode !== 0) open[from] = { at, opcode, parts: [payload] };
    else {
      const message = open[from];
      message?.parts.push(payload);
      if (message !== undefined && fin) {
        write(from, message.at, message.opcode, Buffer.concat(message.parts));
        delete open[from];
      }
    }
  }
  if (cut > 0) notes.push(`${cut} frames were not recorded whole`);
  if (unread > 0) notes.push(`${unread} compressed messages could not be inflated`);
  return messages;
}

const versionOf = (version: string): string => (/^[23]/.test(version) ? `HTTP/${version[0]}` : `HTTP/${version}`);
