import { HeadError } from './head-error.ts';
import { HeadLines } from './head-lines.ts';

/** Parsing of HTTP/1 heads (RFC 9112) without I/O. Strings are Latin-1: one character per byte. */

export interface ParsedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly rawHeaders: string[];
}

export interface ParsedResponse {
  readonly status: number;
  readonly reason: string;
  readonly version: '1.0' | '1.1';
  readonly rawHeaders: string[];
  /** It did not begin as RFC 9112 says: what follows on the connection is not to be relied on. */
  readonly odd?: true;
}

/** What the target and the values of a request may not contain: controls, bare CR or LF. Smuggling starts there. */
const NOT_A_TARGET = /[\0-\x20\x7f]/;
const NOT_A_VALUE = /[\0-\x08\x0a-\x1f\x7f]/;
const NOT_A_TOKEN = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** The empty line after a head. */
export const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** Characters of a token (RFC 9110 section 5.6.2), by character code. */
const TOKEN = Uint8Array.from({ length: 256 }, (_, code) => (NOT_A_TOKEN.test(String.fromCharCode(code)) ? 0 : 1));

/** True for a non-empty token: a method or a field name. */
function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (TOKEN[text.charCodeAt(i)] !== 1) return false;
  return text.length > 0;
}

/**
 * A request head, strictly: what is doubtful is refused instead of repaired, because the application could read it
 * differently.
 * @param text everything up to and including the empty line's first CRLF, i.e. without the last two bytes.
 * @param lines remembers the head, and knows the one before.
 * @throws HeadError 400, 431 or 505.
 */
export function parseRequestHead(text: string, maxFields: number, lines = new HeadLines()): ParsedRequest {
  const lineEnd = text.indexOf('\r\n');
  const afterMethod = text.indexOf(' ');
  const afterTarget = text.indexOf(' ', afterMethod + 1);
  if (afterMethod <= 0 || afterTarget < 0 || afterTarget > lineEnd) throw new HeadError(400, 'malformed request line');
  const method = text.slice(0, afterMethod);
  const target = text.slice(afterMethod + 1, afterTarget);
  if (!isToken(method) || target === '' || NOT_A_TARGET.test(target)) {
    throw new HeadError(400, 'malformed request line');
  }
  const version = readVersion(text.slice(afterTarget + 1, lineEnd));
  const rawHeaders: string[] = [];
  lines.begin(text, rawHeaders);
  for (let at = lineEnd + 2; at < text.length; ) {
    if (rawHeaders.length >= maxFields * 2) throw new HeadError(431, 'too many header fields');
    let end = lines.again(at, rawHeaders);
    if (end < 0) {
      const stop = text.indexOf('\r\n', at);
      end = stop < 0 ? text.length : stop + 2;
      readField(text, at, stop < 0 ? text.length : stop, rawHeaders);
      lines.add(rawHeaders.at(-2) as string, rawHeaders.at(-1) as string, at, end);
    }
    at = end;
  }
  lines.end();
  return { method, target, version, rawHeaders };
}

function readVersion(version: string): '1.0' | '1.1' {
  if (version === 'HTTP/1.1') return '1.1';
  if (version === 'HTTP/1.0') return '1.0';
  throw /^HTTP\/\d\.\d$/.test(version)
    ? new HeadError(505, `${version} is not spoken here`)
    : new HeadError(400, 'malformed request line');
}

/** A header line of a request, with everything refused that begins or hides another line. */
function readField(text: string, from: number, to: number, rawHeaders: string[]): void {
  const colon = text.indexOf(':', from);
  if (colon < 0 || colon > to) throw new HeadError(400, 'header line without a colon');
  const name = text.slice(from, colon);
  if (!isToken(name)) throw new HeadError(400, 'malformed header name');
  const value = trimmed(text, colon + 1, to);
  if (NOT_A_VALUE.test(value)) throw new HeadError(400, 'control character or bare line end in the head');
  rawHeaders.push(name, value);
}

/** Bytes before a status line that Chromium skips: line ends of an answer before, a byte order mark. */
const MAX_JUNK = 4;

/**
 * A response head, leniently: applications with bare LF, folded lines, spaces before the colon, control characters, odd
 * status lines or a few bytes before them work in browsers, so they must work here. Folding is undone with a space (RFC
 * 9112 section 5.2).
 * @param lines remembers the head, and knows the one before.
 * @returns the head and the offset of the first byte after it, or undefined when the empty line is not there yet.
 * @throws HeadError 502.
 */
export function parseResponseHead(
  bytes: Buffer,
  maxFields: number,
  lines = new HeadLines(),
): { readonly head: ParsedResponse; readonly end: number } | undefined {
  const start = startOfHead(bytes);
  if (start < 0) return undefined;
  const strictEnd = bytes.indexOf(END_OF_HEAD, start);
  const text = bytes.toString('latin1', start, strictEnd < 0 ? bytes.length : strictEnd + 4);
  let at = text.indexOf('\n') + 1;
  if (at === 0) return undefined;
  const line = parseStatusLine(text.slice(0, lineStop(text, at)));
  const rawHeaders: string[] = [];
  lines.begin(text, rawHeaders);
  for (;;) {
    if (rawHeaders.length > maxFields * 2) throw new HeadError(502, 'too many header fields');
    const known = lines.again(at, rawHeaders);
    if (known >= 0) {
      at = known;
      continue;
    }
    const next = text.indexOf('\n', at) + 1;
    if (next === 0) {
      lines.end();
      return undefined;
    }
    const stop = lineStop(text, next);
    if (stop <= at) {
      lines.end();
      const { status, reason, version, odd } = line;
      const head = { status, reason, version, rawHeaders, ...(odd || start > 0 ? ({ odd: true } as const) : {}) };
      return { head, end: start + next };
    }
    const first = text.charCodeAt(at);
    if (first === 32 || first === 9) {
      const last = rawHeaders.length - 1;
      if (last > 0) rawHeaders[last] = `${rawHeaders[last]} ${safe(trimmed(text, at, stop))}`.trim();
    } else {
      const colon = text.indexOf(':', at);
      // A line without a colon is dropped, as browsers do.
      if (colon > at && colon < stop) {
        let nameEnd = colon;
        while (nameEnd > at && isBlank(text.charCodeAt(nameEnd - 1))) nameEnd--;
        const name = safe(text.slice(at, nameEnd));
        if (name !== '') {
          const value = safe(trimmed(text, colon + 1, stop));
          rawHeaders.push(name, value);
          lines.add(name, value, at, next);
        }
      }
    }
    at = next;
  }
}

/** Trailer fields from the lines after the last chunk; same leniency as a response head. */
export function parseTrailers(lines: readonly string[]): string[] {
  const fields: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0 && isToken(line.slice(0, colon))) {
      fields.push(line.slice(0, colon), safe(trimmed(line, colon + 1, line.length)));
    }
  }
  return fields;
}

interface StatusLine {
  readonly version: '1.0' | '1.1';
  readonly status: number;
  readonly reason: string;
  readonly odd: boolean;
}

/**
 * Where a status line begins; -1: too little has come to know.
 * @throws HeadError 502 when none begins near enough.
 */
function startOfHead(bytes: Buffer): number {
  for (let at = 0; at <= MAX_JUNK && at + 4 <= bytes.length; at++) if (saysHttp(bytes, at)) return at;
  if (bytes.length < MAX_JUNK + 4) return -1;
  throw new HeadError(502, 'the answer does not begin with an HTTP/1 status line');
}

/** `HTTP`, in any case. */
function saysHttp(bytes: Buffer, at: number): boolean {
  return (
    ((bytes[at] as number) | 32) === 104 &&
    ((bytes[at + 1] as number) | 32) === 116 &&
    ((bytes[at + 2] as number) | 32) === 116 &&
    ((bytes[at + 3] as number) | 32) === 112
  );
}

/** The status line that was read last: few different ones come. */
let lastLine = '';
let lastStatus: StatusLine = { version: '1.1', status: 0, reason: '', odd: false };

/** As Chromium does: whatever follows `HTTP` as version is let pass, and a line without a status says 200. */
function parseStatusLine(line: string): StatusLine {
  if (line === lastLine) return lastStatus;
  const strict = /^HTTP\/1\.([01]) +(\d{3})(?: ([\s\S]*))?$/i.exec(line);
  if (strict !== null && Number(strict[2]) >= 100) {
    const [, minor, status, reason = ''] = strict;
    lastStatus = { version: minor === '0' ? '1.0' : '1.1', status: Number(status), reason: safe(reason), odd: false };
  } else {
    const [, digits, reason = ''] = /^\S*[ \t]+(\d{1,9})[ \t]*([\s\S]*)$/.exec(line) ?? [];
    const old = /^HTTP(?:\/(?:0\.\d|1\.0)?)?(?:[ \t]|$)/i.test(line);
    const status = digits === undefined ? 200 : Number(digits);
    lastStatus = { version: old ? '1.0' : '1.1', status, reason: safe(reason), odd: true };
  }
  lastLine = line;
  return lastStatus;
}

/** End of the line whose LF is at `next - 1`, without its CR. */
function lineStop(text: string, next: number): number {
  return text.charCodeAt(next - 2) === 13 ? next - 2 : next - 1;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function trimmed(text: string, from: number, to: number): string {
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A stray CR or a NUL must not travel on: the next reader could take it for a line end. */
function safe(text: string): string {
  return text.includes('\r') || text.includes('\0') ? text.replace(/[\r\0]/g, ' ').trim() : text;
}
