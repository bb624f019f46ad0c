/** What the first bytes of a tunnel say. */
export type FirstBytes =
  | { readonly kind: 'tls'; readonly offersHttp2: boolean; readonly servername: string | undefined }
  | { readonly kind: 'http1' }
  | { readonly kind: 'http2' }
  | { readonly kind: 'other' }
  | { readonly kind: 'incomplete' };

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const METHOD = /^[A-Z][A-Z-]{0,15} /;
const SERVER_NAME = 0;
const ALPN = 16;
const MAX_RECORDS = 64 * 1024;

/** Recognises TLS, HTTP/1 and HTTP/2 by the first bytes a client sends. */
export function readFirstBytes(bytes: Buffer): FirstBytes {
  if (bytes.length === 0) return { kind: 'incomplete' };
  if (bytes[0] === 0x16) return readClientHello(bytes);
  const text = bytes.toString('latin1', 0, 24);
  if (PREFACE.startsWith(text)) return text.length === PREFACE.length ? { kind: 'http2' } : { kind: 'incomplete' };
  if (METHOD.test(text)) return { kind: 'http1' };
  return text.length < 17 && /^[A-Z][A-Z-]*$/.test(text) ? { kind: 'incomplete' } : { kind: 'other' };
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
    while (at + 4 <= end) {
      const type = hello.readUInt16BE(at);
      const length = hello.readUInt16BE(at + 2);
      at += 4;
      if (type === ALPN) offersHttp2 = hello.toString('latin1', at, at + length).includes('\x02h2');
      // list length, type 0 (host_name), length, name (RFC 6066 section 3)
      else if (type === SERVER_NAME && length > 5) servername = hello.toString('latin1', at + 5, at + length);
      at += length;
    }
    return { kind: 'tls', offersHttp2, servername };
  } catch (error) {
    if (error instanceof RangeError) return plain;
    throw error;
  }
}
