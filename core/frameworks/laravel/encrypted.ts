import { randomBytes } from 'node:crypto';
import { fromLatin1, latin1, toHex, utf8 } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../../codec/layer.ts';
import { anyBase64, type Secret } from '../../codec/secrets.ts';
import { openCbc, openGcm, sealCbc, sealGcm } from '../../codec/signed/ciphers.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { cannotOpen, findFit, hmac, sameDigest, sameSigner, stateOf } from '../../codec/signed/signing.ts';
import { problem } from '../../model/problem.ts';

const SETTING = 'APP_KEY';

/** What Laravel's encrypter makes: base64 of JSON with `iv`, `value`, `mac` and `tag`. */
export const laravel: Layer = {
  id: 'laravel',
  title: 'Encrypted by Laravel',
  recognise(bytes) {
    if (partsOf(bytes) === undefined) return undefined;
    return { score: 0.97, reasons: ['Base64 of JSON with iv, value, mac and tag of the right lengths'] };
  },
  decode,
  make: NEVER_NEW,
};

/** The beginning of a cookie's plain text: a signature of the cookie's name, and a bar. */
export const laravelPrefix: Layer = {
  id: 'laravel-prefix',
  title: 'Name of the cookie, signed (Laravel)',
  recognise: () => undefined,
  decode: decodePrefix,
  make: NEVER_NEW,
};

interface Parts {
  readonly iv: Uint8Array;
  readonly value: Uint8Array;
  readonly value64: string;
  readonly iv64: string;
  readonly mac: string;
  readonly tag: Uint8Array | undefined;
  readonly hasTag: boolean;
  readonly slashes: boolean;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const outer = readBase64Text(asciiText(bytes) ?? '', 'standard');
  if (outer === undefined || outer[0] !== 0x7b) return undefined;
  const text = fromLatin1(outer);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { iv: iv64, value: value64, mac, tag: tag64 } = json as Record<string, unknown>;
  if (typeof iv64 !== 'string' || typeof value64 !== 'string' || typeof mac !== 'string') return undefined;
  if (tag64 !== undefined && typeof tag64 !== 'string') return undefined;
  const [iv, value] = [iv64, value64].map((one) => readBase64Text(one, 'standard'));
  const tag = tag64 === undefined || tag64 === '' ? undefined : readBase64Text(tag64, 'standard');
  if (iv === undefined || value === undefined) return undefined;
  const cbc = iv.length === 16 && /^[0-9a-f]{64}$/.test(mac) && tag === undefined;
  const gcm = iv.length === 12 && mac === '' && tag?.length === 16;
  if (!cbc && !gcm) return undefined;
  return { iv, value, value64, iv64, mac, tag, hasTag: tag64 !== undefined, slashes: text.includes('\\/') };
}

/** `base64:` and the bytes, as in `.env`; also without the mark. */
function keysOf(key: Secret): Uint8Array[] {
  const decoded = anyBase64(key.text.replace(/^base64:/, ''));
  return [key.bytes, decoded].filter((one): one is Uint8Array => one?.length === 16 || one?.length === 32);
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'This is not base64 of iv, value, mac and tag', { at: 0 });
  for (const [index, secret] of context.keys.entries()) {
    for (const key of keysOf(secret)) {
      const plain = openWith(key, parts);
      if (plain === undefined) continue;
      return envelope({
        outer: bytes,
        inner: plain,
        proven: true,
        signature: { scheme: 'laravel', state: 'valid', key: index },
        facts: { cipher: `AES-${key.length * 8}-${parts.tag === undefined ? 'CBC' : 'GCM'}` },
        inside: ['laravel-prefix', 'php-string', 'php-serialize'],
        habits: { ascii: true, slashes: true },
        build: (next) => writeBase64Text(latin1(sealWith(key, parts, next)), 'standard'),
      });
    }
  }
  throw cannotOpen(context.keys, SETTING);
}

function openWith(key: Uint8Array, { iv, iv64, value, value64, mac, tag }: Parts): Uint8Array | undefined {
  if (tag !== undefined) return openGcm(key, iv, { data: value, tag });
  const made = hmac('sha256', key, iv64 + value64);
  return sameDigest(made, Buffer.from(mac, 'hex')) ? openCbc(key, iv, value) : undefined;
}

function sealWith(key: Uint8Array, parts: Parts, plain: Uint8Array): string {
  const gcm = parts.tag !== undefined;
  const iv = new Uint8Array(randomBytes(gcm ? 12 : 16));
  const sealed = gcm ? sealGcm(key, iv, plain) : { data: sealCbc(key, iv, plain), tag: new Uint8Array() };
  const [iv64 = '', value64 = '', tag64 = ''] = [iv, sealed.data, sealed.tag].map((one) =>
    writeBase64Text(one, 'standard'),
  );
  const mac = gcm ? '' : toHex(hmac('sha256', key, iv64 + value64));
  const text = JSON.stringify({ iv: iv64, value: value64, mac, ...(parts.hasTag && { tag: tag64 }) });
  return parts.slashes ? text.replaceAll('/', '\\/') : text;
}

function decodePrefix(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const head = fromLatin1(bytes.subarray(0, 41));
  if (!/^[0-9a-f]{40}\|$/.test(head)) throw problem('layer-form', 'There is no signed name in front', { at: 0 });
  const mac = Buffer.from(head.slice(0, 40), 'hex');
  const { keys, name } = context;
  const sign = (key: Uint8Array) => hmac('sha1', key, utf8(`${name ?? ''}v2`));
  const fit = findFit(keys, [undefined], (key) => keysOf(key).some((one) => sameDigest(sign(one), mac)));
  const signature =
    name === undefined
      ? ({ scheme: 'laravel-prefix', state: 'unchecked' } as const)
      : stateOf('laravel-prefix', keys, fit);
  return envelope({
    outer: bytes,
    inner: bytes.subarray(41),
    proven: true,
    signature,
    warnings:
      signature.state === 'invalid'
        ? [
            {
              code: 'cookie-name-differs',
              message: `The value was not made for a cookie named ${JSON.stringify(name)}, so Laravel refuses it here`,
              severity: 'warning',
            },
          ]
        : [],
    facts: {},
    inside: ['php-string', 'laravel-cookie-data', 'text'],
    // The prefix depends on the name alone.
    build: (next) => {
      if (signature.state === 'invalid') sameSigner(keys, fit, SETTING);
      return Uint8Array.from([...bytes.subarray(0, 41), ...next]);
    },
  });
}
