import { fromLatin1, latin1, toHex } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext, Warning } from '../../codec/layer.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { findFit, hmac, sameDigest, sameSigner, stateOf } from '../../codec/signed/signing.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

/** `set_secure_cookie` of Tornado: version 2 with the length of each field in front, and version 1. */
export const tornado: Layer = {
  id: 'tornado',
  title: 'Signed by Tornado',
  recognise(bytes) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    return { score: 0.97, reasons: [`The fields of a secure cookie of version ${parts.version}`] };
  },
  decode,
  make: NEVER_NEW,
};

interface Parts {
  readonly version: 1 | 2;
  readonly keyVersion?: number;
  readonly seconds: string;
  readonly name?: string;
  readonly value: Uint8Array;
  readonly value64: string;
  /** What version 2 signs: everything up to the signature. */
  readonly signed: string;
  readonly mac: Uint8Array;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  // Both versions have bars between their fields.
  if (!bytes.includes(0x7c)) return undefined;
  const text = bytes.length > 1_000_000 ? undefined : fromLatin1(bytes);
  if (text?.startsWith('2|') === true) return versionTwo(text);
  const old = /^([A-Za-z0-9+/]+={0,2})\|(\d{9,11})\|([0-9a-f]{40})$/.exec(text ?? '');
  const value = old === null ? undefined : readBase64Text(old[1] ?? '', 'standard');
  if (old === null || value === undefined) return undefined;
  return {
    version: 1,
    seconds: old[2] ?? '',
    value,
    value64: old[1] ?? '',
    signed: '',
    mac: Buffer.from(old[3] ?? '', 'hex'),
  };
}

function versionTwo(text: string): Parts | undefined {
  let at = 2;
  const fields: string[] = [];
  while (fields.length < 4) {
    const head = /^(\d{1,7}):/.exec(text.slice(at, at + 8));
    if (head === null) return undefined;
    const start = at + head[0].length;
    const end = start + Number(head[1]);
    if (text[end] !== '|') return undefined;
    fields.push(text.slice(start, end));
    at = end + 1;
  }
  const [keyVersion = '', seconds = '', name = '', value64 = ''] = fields;
  const value = readBase64Text(value64, 'standard');
  const sig = text.slice(at);
  if (value === undefined || !/^\d+$/.test(keyVersion) || !/^\d+$/.test(seconds) || !/^[0-9a-f]{64}$/.test(sig)) {
    return undefined;
  }
  const mac = Buffer.from(sig, 'hex');
  return { version: 2, keyVersion: Number(keyVersion), seconds, name, value, value64, signed: text.slice(0, at), mac };
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined || asciiText(bytes.subarray(0, 2)) === undefined) {
    throw problem('layer-form', 'These are not the fields of a secure cookie', { at: 0 });
  }
  const { version, seconds, value, value64, mac } = parts;
  const name = context.name ?? '';
  const one = (key: Uint8Array, value: string, at: string) => hmac('sha1', key, latin1Safe(name), value, at);
  const fit = findFit(context.keys, [undefined], (key) =>
    sameDigest(version === 2 ? hmac('sha256', key.bytes, latin1(parts.signed)) : one(key.bytes, value64, seconds), mac),
  );
  return envelope({
    outer: bytes,
    inner: value,
    // The lengths of all fields fit, or a date and a signature stand where they must.
    proven: true,
    signature: stateOf('tornado', context.keys, fit),
    warnings: nameWarning(parts.name, context.name),
    facts: {
      version,
      stamp: momentText(Number(seconds) * 1000),
      ...(parts.keyVersion !== undefined && { keyVersion: parts.keyVersion }),
      ...(parts.name !== undefined && { name: parts.name }),
    },
    inside: ['json'],
    habits: { ascii: true, spaced: true },
    build(next) {
      // A key ring has a number for each key, and the value names it: the key that fits signs again.
      const { key } = sameSigner(context.keys, fit, 'cookie_secret');
      const made = writeBase64Text(next, 'standard');
      const at = context.stamp === 'now' ? String(Math.floor(context.time / 1000)) : seconds;
      if (version === 1) return latin1(`${made}|${at}|${toHex(one(key.bytes, made, at))}`);
      const fields = [String(parts.keyVersion), at, parts.name ?? '', made];
      const signed = `2|${fields.map((field) => `${field.length}:${field}|`).join('')}`;
      return latin1(signed + toHex(hmac('sha256', key.bytes, latin1(signed))));
    },
  });
}

function latin1Safe(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

function nameWarning(inside: string | undefined, name: string | undefined): Warning[] {
  if (inside === undefined || name === undefined || Buffer.from(inside, 'latin1').toString('utf8') === name) return [];
  const message = `The value was made for a cookie named ${JSON.stringify(inside)}, so the application refuses it here`;
  return [{ code: 'cookie-name-differs', message, severity: 'warning' }];
}
