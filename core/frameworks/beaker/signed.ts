import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { concat, fromLatin1, latin1, toHex, utf8 } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import type { Secret } from '../../codec/secrets.ts';
import { inflated } from '../../codec/signed/compression.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { cannotOpen, findFit, hmac, sameDigest, sameSigner, stateOf } from '../../codec/signed/signing.ts';
import { problem } from '../../model/problem.ts';

/** 16 bytes of nonce in base64. */
const NONCE = 24;

/** Beaker's cookies: 40 hex digits of a signature, then the session (plain or encrypted), or the id of a server's one. */
export const beaker: Layer = {
  id: 'beaker',
  title: 'Signed by Beaker',
  recognise(bytes, context) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    // A signed id is 72 hex digits: only the key tells it from any other.
    if (parts.kind === 'id' && context.keys.length === 0 && !context.chosen) return undefined;
    const what = { id: 'an id', plain: 'base64', sealed: 'a nonce and base64' }[parts.kind];
    return { score: parts.kind === 'sealed' ? 0.9 : 0.68, reasons: [`40 hex digits, then ${what}`] };
  },
  decode,
  make: NEVER_NEW,
};

interface Parts {
  readonly kind: 'id' | 'plain' | 'sealed';
  readonly mac: Uint8Array;
  readonly body: string;
  readonly data: Uint8Array;
  readonly nonce?: string;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const text = asciiText(bytes);
  if (text === undefined || text.length < 48 || !/^[0-9a-f]{40}/.test(text)) return undefined;
  const mac = Buffer.from(text.slice(0, 40), 'hex');
  const body = text.slice(40);
  if (/^[0-9a-f]{32}$/.test(body)) return { kind: 'id', mac, body, data: latin1(body) };
  if (/^[A-Za-z0-9+/]{22}==./.test(body)) {
    const data = readBase64Text(body.slice(NONCE), 'standard');
    return data && { kind: 'sealed', mac, body, data, nonce: body.slice(0, NONCE) };
  }
  const data = readBase64Text(body, 'standard');
  return data && { kind: 'plain', mac, body, data };
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'This is not 40 hex digits and base64', { at: 0 });
  const { kind, mac, body, data } = parts;
  const fit = findFit(context.keys, [undefined], (key) => sameDigest(hmac('sha1', key.bytes, body), mac));
  const sign = (text: string) => {
    const { key } = sameSigner(context.keys, fit, 'validate_key');
    return `${toHex(hmac('sha1', key.bytes, text))}${text}`;
  };
  const common = { outer: bytes, signature: stateOf('beaker', context.keys, fit) };
  if (kind === 'id') {
    if (fit === undefined && !context.chosen) throw problem('layer-form', 'No key made this signature', { at: 0 });
    return envelope({ ...common, inner: data, facts: { kind }, build: (next) => sign(fromLatin1(next)) });
  }
  const habits = { ascii: true, spaced: true };
  const inside = ['pickle', 'json'];
  if (kind === 'plain') {
    const packed = data[0] === 0x78 ? inflated(data, context) : undefined;
    return envelope({
      ...common,
      inner: packed?.bytes ?? data,
      facts: { kind, compressed: packed !== undefined },
      inside,
      habits,
      build: (next) => sign(writeBase64Text(packed?.encode(next) ?? next, 'standard')),
    });
  }
  const nonce = parts.nonce ?? '';
  const opened = openSealed(data, nonce, fit?.key, context.keys);
  if (opened === undefined) throw cannotOpen(context.keys, 'validate_key and encrypt_key');
  const packed = opened.plain[0] === 0x78 ? inflated(opened.plain, context) : undefined;
  return envelope({
    ...common,
    inner: packed?.bytes ?? opened.plain,
    proven: true,
    facts: { kind, cipher: opened.cipher, compressed: packed !== undefined },
    inside,
    habits,
    build(next) {
      const plain = packed?.encode(next) ?? next;
      const fresh = writeBase64Text(randomBytes(16), 'standard');
      return sign(fresh + writeBase64Text(opened.seal(plain, fresh), 'standard'));
    },
  });
}

interface Opened {
  readonly plain: Uint8Array;
  readonly cipher: string;
  seal(plain: Uint8Array, nonce: string): Uint8Array;
}

/** The key is derived from both keys: every pair is tried, the one that signed first. */
function openSealed(
  data: Uint8Array,
  nonce: string,
  validate: Secret | undefined,
  keys: readonly Secret[],
): Opened | undefined {
  if (validate === undefined) return undefined;
  const pairs = keys.map(({ bytes }) => {
    return (fresh: string) => pbkdf2Sync(bytes, concat([validate.bytes, utf8(fresh)]), 1, 32, 'sha1');
  });
  for (const derive of pairs) {
    const plain = gcmOpen(derive(nonce), data);
    if (plain !== undefined) {
      return { plain, cipher: 'AES-256-GCM', seal: (next, fresh) => gcmSeal(derive(fresh), next) };
    }
  }
  // The counter mode of old versions proves nothing: only what begins and ends like a session is taken, and only now.
  for (const derive of pairs) {
    const plain = counterMode(derive(nonce), data);
    if (looksPlain(plain)) {
      return { plain, cipher: 'AES-256-CTR', seal: (next, fresh) => counterMode(derive(fresh), next) };
    }
  }
  return undefined;
}

/** A pickle, a JSON object, or zlib around one of them. */
function looksPlain(plain: Uint8Array): boolean {
  const [first = 0, second = 0] = plain;
  const last = plain[plain.length - 1];
  if (first === 0x80) return second >= 2 && second <= 5 && last === 0x2e;
  if (first === 0x7b) return last === 0x7d;
  return first === 0x78 && ((first << 8) | second) % 31 === 0;
}

/** 12 bytes of IV, 16 bytes of tag, the ciphertext. */
function gcmOpen(key: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  if (data.length < 28) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(12, 28));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(data.subarray(28)), decipher.final()]));
  } catch {
    return undefined;
  }
}

function gcmSeal(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return concat([iv, cipher.getAuthTag(), sealed]);
}

/** Older back ends: AES in counter mode from zero. */
function counterMode(key: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16));
  return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]));
}
