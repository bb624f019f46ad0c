import { METHODS } from 'node:http';

/** What the first bytes of a tunnel say. */
export type FirstBytes =
  | {
      readonly kind: 'tls';
      readonly offersHttp2: boolean;
      readonly servername: string | undefined;
      /** The client names no protocol, or only others than HTTP. */
      readonly alpn?: 'none' | 'foreign';
    }
  | { readonly kind: 'http1' }
  | { readonly kind: 'http2' }
  | { readonly kind: 'other' }
  | { readonly kind: 'incomplete' };

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** A request line of a method that is not registered: without the version at its end it could be any text protocol. */
const REQUEST_LINE = /^[!#$%&'*+.^_`|~\w-]+ +[^ ]+ +HTTP\/\d\.\d[ \t]*\r?\n/;
const BEGUN_LINE = /^[A-Z][A-Z-]{0,31}(?: [^\r\n]*)?\r?$/;
const REGISTERED = new Set(METHODS);
const LONGEST_LINE = 64 * 1024;
const SERVER_NAME = 0;
const ALPN = 16;
const MAX_RECORDS = 64 * 1024;

/** Recognises TLS, HTTP/1 and HTTP/2 by the first bytes a client sends. */
export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return { kind: 'incomplete' };
  if (bytes[0] === 0x16) return readClientHello(bytes);
  // Line ends before a request are none of it (RFC 9112 section 2.2).
  let start = 0;
  while (bytes[start] === 13 || bytes[start] === 10) start++;
  const text = bytes.toString('latin1', start, start + 24);
  if (PREFACE.startsWith(text)) return text.length === PREFACE.length ? { kind: 'http2' } : { kind: 'incomplete' };
  const word = /^[A-Z][A-Z-]* /.exec(text)?.[0].trimEnd();
  if (word !== undefined && REGISTERED.has(word)) return { kind: 'http1' };
  const lineEnd = bytes.indexOf(10, start);
  const line = bytes.toString('latin1', start, lineEnd < 0 ? bytes.length : lineEnd + 1);
  if (REQUEST_LINE.test(line)) return { kind: 'http1' };
  return BEGUN_LINE.test(line) && line.length < LONGEST_LINE ? { kind: 'incomplete' } : { kind: 'other' };
}

/** RFC 8446 section 4.1.2. A hello may be spread over several records; anything malformed is left to the TLS library. */
function readClientHello(bytes: Buffer): FirstBytes {
  const parts: Buffer[] = [];
  let size = 0;
  for (let at = 0; ; ) {
    if (at + 5 > bytes.length) return size > MAX_RECORDS ? plain : { kind: 'incomplete' };
    if (bytes[at] !== 0x16 || bytes[at + 1] !== 3) return at === 0 ? { kind: 'other' } : plain;
    const length = bytes.readUInt16BE(at + 3);
    if (at + 5 + length > bytes.length) return bytes.length > MAX_RECORDS ? plain : { kind: 'incomplete' };
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    size += length;
    at += 5 + length;
    const hello = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (hello.length >= 1 && hello[0] !== 1) return plain;
    if (hello.length >= 4 && hello.length >= 4 + hello.readUIntBE(1, 3)) return readExtensions(hello);
  }
}

const plain: FirstBytes = { kind: 'tls', offersHttp2: false, servername: undefined };

function readExtensions(hello: Buffer): FirstBytes {
  try {
    let at = 4 + 2 + 32;
    at += 1 + hello.readUInt8(at); // session id
    at += 2 + hello.readUInt16BE(at); // cipher suites
    at += 1 + hello.readUInt8(at); // compression
    if (at >= hello.length) return plain;
    const end = at + 2 + hello.readUInt16BE(at);
    at += 2;
    let offersHttp2 = false;
    let servername: string | undefined;
    let protocols: string | undefined;
    while (at + 4 <= end) {
      const type = hello.readUInt16BE(at);
      const length = hello.readUInt16BE(at + 2);
      at += 4;
      if (type === ALPN) {
        protocols = hello.toString('latin1', at, at + length);
        offersHttp2 = protocols.includes('\x02h2');
      }
      // list length, type 0 (host_name), length, name (RFC 6066 section 3)
      else if (type === SERVER_NAME && length > 5) servername = hello.toString('latin1', at + 5, at + length);
      at += length;
    }
    const spoken =
      protocols === undefined ? 'none' : /\x02h2|\x08http\/1\.[01]/.test(protocols) ? undefined : 'foreign';
    return { kind: 'tls', offersHttp2, servername, ...(spoken === undefined ? {} : { alpn: spoken }) };
  } catch (error) {
    if (error instanceof RangeError) return plain;
    throw error;
  }
}
