import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import type { KeptFrame } from '../capture/frame-views.ts';
import type { BodyInfo, Flow } from '../model/flow.ts';
import { webAddress } from '../model/web-address.ts';

/** Where the bodies go. */
export interface HarBodies {
  open(): { append(chunk: Uint8Array): void; close(): BodyInfo };
}

export interface HarFlowOptions {
  readonly nextId: () => string;
  readonly bodies: HarBodies;
  readonly name?: string;
  /** Where entries without a date stand, in milliseconds since 1970. */
  readonly now?: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Most frames of a WebSocket. */
const MOST_FRAMES = 100_000;

/**
 * One entry of a HAR as a flow; undefined when it has no request that can be read. HAR keeps bodies without their content
 * coding: it is put on again where it is known here, so that headers and body belong together.
 * @param notes gets what was left out or is not as it was on the wire
 */
export function harFlow(
  value: unknown,
  { nextId, bodies, name = 'HAR', now = Date.now() }: HarFlowOptions,
  notes: Set<string>,
): Flow | undefined {
  const entry = object(value);
  const request = object(entry['request']);
  const { method, url } = request;
  if (typeof method !== 'string' || typeof url !== 'string' || !/^(https?|wss?):\/\//i.test(url)) return undefined;
  const startedAt = startOf(entry['startedDateTime']);
  if (startedAt === undefined) notes.add('Entries without a date stand at the time of the import');
  const started = startedAt ?? now;
  const response = object(entry['response']);
  const status = Math.trunc(number(response['status']));
  const requestHeaders = withCookies(fields(request['headers']), request['cookies'], notes);
  const responseHeaders = withSetCookies(fields(response['headers']), response['cookies'], notes);
  const frames = framesOf(entry['_webSocketMessages'], bodies);
  if (object(entry['cache'])['afterRequest'] !== undefined)
    notes.add('What the entries say of the cache is not taken over');
  const { connect, ssl } = object(entry['timings']);
  const tlsMs = number(ssl) > 0 ? number(ssl) : undefined;
  const connectMs = number(connect) > 0 ? number(connect) - (tlsMs ?? 0) : undefined;
  const address = string(entry['serverIPAddress']);
  const comment = string(entry['comment']);
  return {
    id: nextId(),
    startedAt: started,
    endedAt: started + Math.max(0, number(entry['time'])),
    client: { address: 'import', port: 0 },
    request: {
      method,
      url: url.replace(/^ws/i, 'http'),
      httpVersion: version(request['httpVersion']),
      rawHeaders: requestHeaders,
      body: keep(object(request['postData']), requestHeaders, number(request['bodySize']), bodies, notes),
    },
    // Status 0 is how HAR says that there was none.
    ...(status === 0
      ? {}
      : {
          response: {
            status,
            reason: string(response['statusText']),
            httpVersion: version(response['httpVersion']),
            rawHeaders: responseHeaders,
            body: keep(object(response['content']), responseHeaders, number(response['bodySize']), bodies, notes),
          },
        }),
    ...(address === '' ? {} : { server: { address, port: number(entry['_serverPort']) || portOf(url) } }),
    timing: {
      ...(connectMs === undefined ? {} : { connectMs }),
      ...(tlsMs === undefined ? {} : { tlsMs }),
    },
    ...(status === 0 ? { error: comment || string(response['_error']) || 'No answer was recorded' } : {}),
    kind: frames === undefined ? 'http' : 'websocket',
    ...(frames === undefined ? {} : { frames }),
    origin: { imported: name },
  };
}

function contentOf(content: Json): Buffer | undefined {
  const { text, params } = content;
  // Some programs write an empty text beside the parameters.
  const listed = Array.isArray(params) && params.length > 0;
  if (typeof text === 'string' && (text !== '' || !listed)) {
    // `encoding` of postData is not in the standard; our own export and some browsers write it.
    const base64 = content['encoding'] === 'base64' || content['_encoding'] === 'base64';
    return Buffer.from(text, base64 ? 'base64' : 'utf8');
  }
  if (!listed) return undefined;
  const boundary = /boundary="?([^";]{1,100})/i.exec(string(content['mimeType']))?.[1];
  if (boundary !== undefined) return multipart(params.map(object), boundary);
  const form = new URLSearchParams();
  for (const one of params.map(object)) form.append(string(one['name']), string(one['value']));
  return Buffer.from(form.toString());
}

function multipart(params: readonly Json[], boundary: string): Buffer {
  const parts = params.map((one) => {
    const file = string(one['fileName']);
    const type = string(one['contentType']);
    const quoted = (text: string) => text.replace(/["\r\n]/g, (char) => encodeURIComponent(char));
    return [
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(string(one['name']))}"`,
      file === '' ? '' : `; filename="${quoted(file)}"`,
      type === '' ? '' : `\r\nContent-Type: ${type.replace(/[\r\n]/g, ' ')}`,
      `\r\n\r\n${string(one['value'])}\r\n`,
    ].join('');
  });
  return Buffer.from(`${parts.join('')}--${boundary}--\r\n`);
}

/** Exports without a Cookie field (some leave it out of the headers) have the cookies in a list. */
function withCookies(headers: string[], cookies: unknown, notes: Set<string>): string[] {
  const list = Array.isArray(cookies) ? cookies.map(object).filter((one) => string(one['name']) !== '') : [];
  if (list.length === 0 || headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'cookie')) return headers;
  notes.add('Cookies that stand in lists only were made into header fields');
  return [
    ...headers,
    'Cookie',
    asLatin1(list.map((one) => `${string(one['name'])}=${string(one['value'])}`).join('; ')),
  ];
}

function withSetCookies(headers: string[], cookies: unknown, notes: Set<string>): string[] {
  const list = Array.isArray(cookies) ? cookies.map(object).filter((one) => string(one['name']) !== '') : [];
  if (list.length === 0 || headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'set-cookie'))
    return headers;
  notes.add('Cookies that stand in lists only were made into header fields');
  return [
    ...headers,
    ...list.flatMap((one) => {
      const expires = Date.parse(string(one['expires']));
      const attribute = (name: string, value: unknown) => (string(value) === '' ? '' : `; ${name}=${string(value)}`);
      const line = [
        `${string(one['name'])}=${string(one['value'])}`,
        attribute('Path', one['path']),
        attribute('Domain', one['domain']),
        Number.isNaN(expires) ? '' : `; Expires=${new Date(expires).toUTCString()}`,
        one['httpOnly'] === true ? '; HttpOnly' : '',
        one['secure'] === true ? '; Secure' : '',
        attribute('SameSite', one['sameSite']),
      ];
      return ['Set-Cookie', asLatin1(line.join('').replace(/[\r\n\0]/g, ' '))];
    }),
  ];
}

/** The messages of a WebSocket as Chromium, Playwright and mitmproxy write them, kept as frames that passed whole. */
function framesOf(messages: unknown, bodies: HarBodies): Flow['frames'] {
  if (!Array.isArray(messages)) return undefined;
  const frames = messages.slice(0, MOST_FRAMES).map((message: unknown): KeptFrame => {
    const { type, time, opcode, data } = object(message);
    const code = number(opcode) || 1;
    const payload = Buffer.from(string(data), code === 1 ? 'utf8' : 'base64');
    return {
      at: Math.round(number(time) * 1000),
      from: type === 'send' ? 'client' : 'server',
      opcode: code,
      fin: true,
      compressed: false,
      size: payload.length,
      base64: payload.toString('base64'),
    };
  });
  if (frames.length === 0) return { count: 0, kept: 0 };
  const writer = bodies.open();
  writer.append(Buffer.from(JSON.stringify(frames)));
  const { size, kept, ref } = writer.close();
  return ref === undefined || kept < size
    ? { count: frames.length, kept: 0 }
    : { count: frames.length, kept: frames.length, ref };
}

function keep(
  described: Json,
  rawHeaders: readonly string[],
  bodySize: number,
  bodies: HarBodies,
  notes: Set<string>,
): BodyInfo {
  const content = contentOf(described);
  if (content === undefined) {
    const size = Math.max(0, bodySize);
    if (size > 0) notes.add('Some bodies are not in the file');
    return { size, kept: 0 };
  }
  if (content.length === 0) return { size: 0, kept: 0 };
  const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === 'content-encoding');
  const writer = bodies.open();
  // Of our own export: the bytes have what coding they ever had.
  const coding = at < 0 || described['_asSent'] === true ? '' : (rawHeaders[at + 1] ?? '');
  writer.append(coded(content, coding, notes));
  return writer.close();
}

function coded(content: Buffer, coding: string, notes: Set<string>): Buffer {
  switch (coding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return content;
    case 'gzip':
    case 'x-gzip':
      return zlib.gzipSync(content);
    case 'deflate':
      return zlib.deflateSync(content);
    case 'br':
      return zlib.brotliCompressSync(content, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });
    case 'zstd':
      if (typeof zlib.zstdCompressSync === 'function') return zlib.zstdCompressSync(content);
  }
  notes.add(`Bodies with the content coding ${coding.slice(0, 40)} are kept without it`);
  return content;
}

/** Pseudo fields of HTTP/2 are not header fields; browsers write them all the same. */
function fields(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .map(object)
    .filter(({ name }) => typeof name === 'string' && name !== '' && !name.startsWith(':'))
    .flatMap(({ name, value: text }) =>
      // Firefox and Chrome put several Set-Cookie fields into one, with line breaks.
      string(text)
        .split('\n')
        .flatMap((line) => [name as string, asLatin1(line)]),
    );
}

/** Our own HAR has one character a byte; others decode headers as UTF-8. */
function asLatin1(line: string): string {
  return /[^\x00-\xff]/.test(line) ? Buffer.from(line, 'utf8').toString('latin1') : line;
}

function version(value: unknown): string {
  const text = string(value).toLowerCase();
  if (/^(h2|http\/2)/.test(text)) return '2.0';
  if (/^(h3|http\/3)/.test(text)) return '3.0';
  return /(\d\.\d)/.exec(text)?.[1] ?? '1.1';
}

function portOf(url: string): number {
  const { port, protocol, secure } = webAddress(url);
  if (port === '') return protocol === '' ? 0 : secure ? 443 : 80;
  return Number(port);
}

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Some programs write numbers as text. */
function number(value: unknown): number {
  const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
}

/** Milliseconds since 1970 of a date in words or in numbers of seconds or milliseconds. */
function startOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return undefined;
  return typeof value === 'number' && at < 1e11 ? at * 1000 : at;
}
