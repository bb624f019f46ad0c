import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import type { BodyInfo, Flow } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { webAddress } from '../model/web-address.ts';

/** Where the bodies go. */
export interface HarBodies {
  open(): { append(chunk: Uint8Array): void; close(): BodyInfo };
}

export interface ReadHar {
  readonly flows: readonly Flow[];
  /** What was left out or is not as it was on the wire. */
  readonly notes: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** More entries than this are no longer the work of a user at a browser. */
const MOST = 100_000;

/**
 * Reads HAR 1.2 (and what browsers and other proxies make of it) into flows with new ids. HAR keeps bodies without their
 * content coding: it is put on again where it is known here, so that headers and body belong together.
 * @throws ProblemError `bad-har`
 */
export function readHar(
  text: string,
  options: { readonly nextId: () => string; readonly bodies: HarBodies; readonly name?: string },
): ReadHar {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw problem('bad-har', `This is no HAR: ${(error as Error).message}`);
  }
  const entries = object(object(document)['log'])['entries'];
  if (!Array.isArray(entries)) {
    throw problem('bad-har', 'This is no HAR: it has no list of entries', {
      remedy: 'A HAR is a JSON document with `log.entries`; browsers save one from their network panel.',
    });
  }
  if (entries.length > MOST) throw problem('bad-har', `This HAR has more than ${MOST} entries`);
  const notes = new Set<string>();
  const flows: Flow[] = [];
  entries.forEach((entry: unknown, i) => {
    const flow = flowOf(object(entry), options, notes);
    if (flow === undefined) notes.add(`Entry ${i + 1} has no request that can be read`);
    else flows.push(flow);
  });
  return { flows, notes: [...notes].slice(0, 50) };
}

function flowOf(
  entry: Json,
  { nextId, bodies, name = 'HAR' }: { nextId: () => string; bodies: HarBodies; name?: string },
  notes: Set<string>,
): Flow | undefined {
  const request = object(entry['request']);
  const { method, url } = request;
  if (typeof method !== 'string' || typeof url !== 'string' || !/^(https?|wss?):\/\//i.test(url)) return undefined;
  const startedAt = Date.parse(string(entry['startedDateTime']));
  const started = Number.isFinite(startedAt) ? startedAt : 0;
  const response = object(entry['response']);
  const status = number(response['status']);
  const requestHeaders = fields(request['headers']);
  const responseHeaders = fields(response['headers']);
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
      body: keep(contentOf(object(request['postData'])), requestHeaders, number(request['bodySize']), bodies, notes),
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
            body: keep(
              contentOf(object(response['content'])),
              responseHeaders,
              number(response['bodySize']),
              bodies,
              notes,
            ),
          },
        }),
    ...(address === '' ? {} : { server: { address, port: portOf(url) } }),
    timing: {
      ...(connectMs === undefined ? {} : { connectMs }),
      ...(tlsMs === undefined ? {} : { tlsMs }),
    },
    ...(status === 0 ? { error: comment === '' ? 'No answer was recorded' : comment } : {}),
    kind: 'http',
    origin: { imported: name },
  };
}

function contentOf(content: Json): Buffer | undefined {
  const { text } = content;
  if (typeof text === 'string') {
    // `encoding` of postData is not in the standard; our own export and some browsers write it.
    const base64 = content['encoding'] === 'base64' || content['_encoding'] === 'base64';
    return Buffer.from(text, base64 ? 'base64' : 'utf8');
  }
  const { params } = content;
  if (!Array.isArray(params) || params.length === 0) return undefined;
  const form = new URLSearchParams();
  for (const one of params.map(object)) form.append(string(one['name']), string(one['value']));
  return Buffer.from(form.toString());
}

function keep(
  content: Buffer | undefined,
  rawHeaders: readonly string[],
  bodySize: number,
  bodies: HarBodies,
  notes: Set<string>,
): BodyInfo {
  if (content === undefined) {
    const size = Math.max(0, bodySize);
    if (size > 0) notes.add('Some bodies are not in the file');
    return { size, kept: 0 };
  }
  if (content.length === 0) return { size: 0, kept: 0 };
  const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === 'content-encoding');
  const writer = bodies.open();
  writer.append(coded(content, at < 0 ? '' : (rawHeaders[at + 1] ?? ''), notes));
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
  return /(\d\.\d)/.exec(text)?.[1] ?? '1.1';
}

function portOf(url: string): number {
  const { port, protocol, secure } = webAddress(url);
  if (port === '') return protocol === '' ? 0 : secure ? 443 : 80;
  return Number(port);
}

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const string = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
