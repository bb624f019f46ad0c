import { tokenizeCookie, tokenizeSetCookie } from '../cookies/tokenizer.ts';
import type { BodyInfo, Flow } from '../model/flow.ts';
import { decodeBody } from './decode-body.ts';
import { maskFields, maskForm, maskUrl } from './mask-secrets.ts';

export interface HarOptions {
  /** Version of Sessionscope. */
  readonly version: string;
  /** Reads kept bodies; a body that is gone is left out with a comment. */
  readonly readBody: (ref: string) => Promise<Uint8Array>;
  /** Leaves cookies, credentials and passwords in. Default: they are masked. */
  readonly withSecrets?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes flows as HAR 1.2, piece by piece, so that size does not matter. Header values are Latin-1, as they came. What
 * could not be kept (a cut body, a tunnel) is said in the entry's comment.
 */
export async function* harText(
  flows: Iterable<Flow> | AsyncIterable<Flow>,
  options: HarOptions,
): AsyncGenerator<string, void, undefined> {
  const masked = options.withSecrets !== true;
  const creator = { name: 'Sessionscope', version: options.version };
  const comment = masked ? 'Cookies, credentials and passwords are masked' : 'With secrets';
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"comment":${JSON.stringify(comment)},"pages":[],"entries":[`;
  let first = true;
  for await (const flow of flows) {
    options.signal?.throwIfAborted();
    yield `${first ? '' : ','}\n${JSON.stringify(await entryOf(flow, options, masked))}`;
    first = false;
  }
  yield '\n]}}\n';
}

type Pair = { name: string; value: string };

async function entryOf(flow: Flow, options: HarOptions, masked: boolean): Promise<Record<string, unknown>> {
  const notes: string[] = [];
  if (flow.error !== undefined) notes.push(flow.error);
  if (flow.editedBy !== undefined) notes.push(`Edited: ${flow.editedBy.join(', ')}`);
  if (flow.kind !== 'http') notes.push(`A ${flow.kind} connection`);
  const time = Math.max(0, (flow.endedAt ?? flow.startedAt) - flow.startedAt);
  const request = await requestOf(flow, options, masked, notes);
  const response = await responseOf(flow, options, masked, notes);
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
    ...(flow.server === undefined ? {} : { serverIPAddress: flow.server.address }),
    connection: String(flow.client.port),
    ...(notes.length === 0 ? {} : { comment: notes.join('; ') }),
  };
}

async function requestOf(flow: Flow, options: HarOptions, masked: boolean, notes: string[]): Promise<unknown> {
  const { request } = flow;
  const headers = masked ? maskFields(request.rawHeaders) : request.rawHeaders;
  const url = masked ? maskUrl(request.url) : request.url;
  const type = fieldValue(headers, 'content-type');
  const body = await bodyOf(request.body, headers, options, 'request', notes);
  const form = body !== undefined && /^application\/x-www-form-urlencoded/i.test(type);
  const text = body === undefined ? '' : masked && form ? maskForm(body.text) : body.text;
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
            ...(form ? { params: queryOf(`?${text}`) } : {}),
            text,
            ...(body.base64 ? { encoding: 'base64', _encoding: 'base64' } : {}),
          },
        }),
    headersSize: -1,
    bodySize: request.body.size,
  };
}

async function responseOf(flow: Flow, options: HarOptions, masked: boolean, notes: string[]): Promise<unknown> {
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
  const headers = masked ? maskFields(response.rawHeaders) : response.rawHeaders;
  const body = await bodyOf(response.body, headers, options, 'response', notes);
  return {
    status: response.status,
    statusText: response.reason,
    httpVersion: versionOf(response.httpVersion),
    cookies: setCookiesOf(headers),
    headers: pairs(headers),
    content: {
      size: body?.bytes ?? response.body.size,
      compression: (body?.bytes ?? response.body.size) - response.body.size,
      mimeType: fieldValue(headers, 'content-type'),
      ...(body === undefined ? {} : { text: body.text, ...(body.base64 ? { encoding: 'base64' } : {}) }),
    },
    redirectURL: fieldValue(headers, 'location'),
    headersSize: -1,
    bodySize: response.body.size,
  };
}

async function bodyOf(
  info: BodyInfo,
  headers: readonly string[],
  options: HarOptions,
  side: string,
  notes: string[],
): Promise<{ text: string; base64: boolean; bytes: number } | undefined> {
  if (info.size === 0) return undefined;
  if (info.kept < info.size) notes.push(`Only ${info.kept} of ${info.size} bytes of the ${side} body were recorded`);
  if (info.ref === undefined) return undefined;
  let raw: Uint8Array;
  try {
    raw = await options.readBody(info.ref);
  } catch {
    notes.push(`The ${side} body is not kept any more`);
    return undefined;
  }
  const { bytes, note } = await decodeBody(raw, fieldValue(headers, 'content-encoding'));
  if (note !== undefined) notes.push(`${side}: ${note}`);
  const text = bytes.toString('utf8');
  // Bytes that are no UTF-8 would come back changed, so they go as base64.
  const base64 = !Buffer.from(text, 'utf8').equals(bytes);
  return { text: base64 ? bytes.toString('base64') : text, base64, bytes: bytes.length };
}

const versionOf = (version: string): string => (version.startsWith('2') ? 'HTTP/2' : `HTTP/${version}`);

function pairs(rawHeaders: readonly string[]): Pair[] {
  const list: Pair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    list.push({ name: rawHeaders[i] ?? '', value: rawHeaders[i + 1] ?? '' });
  }
  return list;
}

function fieldValue(rawHeaders: readonly string[], lowerCaseName: string): string {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === lowerCaseName);
  return at < 0 ? '' : (rawHeaders[at + 1] ?? '');
}

function cookiesOf(rawHeaders: readonly string[]): Pair[] {
  return pairs(rawHeaders)
    .filter(({ name }) => name.toLowerCase() === 'cookie')
    .flatMap(({ value }) => tokenizeCookie(value))
    .filter(({ raw }) => raw.trim() !== '')
    .map(({ name, value }) => ({ name, value }));
}

function setCookiesOf(rawHeaders: readonly string[]): unknown[] {
  return pairs(rawHeaders)
    .filter(({ name }) => name.toLowerCase() === 'set-cookie')
    .map(({ value: header }) => {
      const { pair, attributes } = tokenizeSetCookie(header);
      const last = (name: string) => attributes.filter((a) => a.name.toLowerCase() === name).at(-1);
      const expires = Date.parse(last('expires')?.value ?? '');
      const [path, domain, sameSite] = [last('path'), last('domain'), last('samesite')];
      return {
        name: pair.name,
        value: pair.value,
        ...(path === undefined ? {} : { path: path.value }),
        ...(domain === undefined ? {} : { domain: domain.value }),
        ...(Number.isNaN(expires) ? {} : { expires: new Date(expires).toISOString() }),
        httpOnly: last('httponly') !== undefined,
        secure: last('secure') !== undefined,
        ...(sameSite === undefined ? {} : { sameSite: sameSite.value }),
      };
    });
}

function queryOf(url: string): Pair[] {
  const at = url.indexOf('?');
  if (at < 0) return [];
  return url
    .slice(at + 1)
    .split('#', 1)[0]!
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? { name: plain(part), value: '' }
        : { name: plain(part.slice(0, equals)), value: plain(part.slice(equals + 1)) };
    });
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}
