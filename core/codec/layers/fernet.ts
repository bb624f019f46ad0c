import { randomBytes } from 'node:crypto';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';
import { concat } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { anyBase64, type Secret } from '../secrets.ts';
import { openCbc, sealCbc } from '../signed/ciphers.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { cannotOpen, findFit, hmac, sameDigest } from '../signed/signing.ts';

/** Version, time, IV, ciphertext, HMAC-SHA256: all but the ciphertext are 57 bytes. */
const FRAME = 57;

/** Fernet tokens (aiohttp-session and others): AES-128-CBC and HMAC-SHA256; the time can be read without the key. */
export const fernet: Layer = {
  id: 'fernet',
  title: 'Fernet token',
  recognise(bytes) {
    if (tokenOf(bytes) === undefined) return undefined;
    return { score: 0.96, reasons: ['The version, a plausible time and whole blocks of a Fernet token'] };
  },
  decode,
  make: NEVER_NEW,
};

function tokenOf(bytes: Uint8Array): Uint8Array | undefined {
  const token = readBase64Text(asciiText(bytes) ?? '', 'url-padded');
  if (token === undefined || token[0] !== 0x80 || token.length <= FRAME || (token.length - FRAME) % 16 !== 0) {
    return undefined;
  }
  const seconds = secondsOf(token);
  return seconds > 946_684_800 && seconds < 4_102_444_800 ? token : undefined;
}

function secondsOf(token: Uint8Array): number {
  return Number(new DataView(token.buffer, token.byteOffset, 9).getBigUint64(1));
}

/** 32 bytes, or base64 of them: the first half signs, the second encrypts. */
function halves(key: Secret): { sign: Uint8Array; seal: Uint8Array } | undefined {
  const bytes = key.bytes.length === 32 ? key.bytes : anyBase64(key.text);
  return bytes?.length === 32 ? { sign: bytes.subarray(0, 16), seal: bytes.subarray(16) } : undefined;
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const token = tokenOf(bytes);
  if (token === undefined) throw problem('layer-form', 'This is not a Fernet token', { at: 0 });
  const body = token.subarray(0, -32);
  const fit = findFit(context.keys, [undefined], (key) => {
    const parts = halves(key);
    return parts !== undefined && sameDigest(hmac('sha256', parts.sign, body), token.subarray(-32));
  });
  const parts = fit && halves(fit.key);
  const plain = parts && openCbc(parts.seal, token.subarray(9, 25), token.subarray(25, -32));
  if (fit === undefined || parts === undefined || plain === undefined) throw cannotOpen(context.keys, 'the Fernet key');
  return envelope({
    outer: bytes,
    inner: plain,
    proven: true,
    signature: { scheme: 'fernet', state: 'valid', key: fit.index },
    facts: { stamp: momentText(secondsOf(token) * 1000) },
    inside: ['json'],
    habits: { ascii: true, spaced: true },
    build(next) {
      const head = token.slice(0, 9);
      if (context.stamp === 'now') new DataView(head.buffer).setBigUint64(1, BigInt(Math.floor(context.time / 1000)));
      const iv = new Uint8Array(randomBytes(16));
      const made = concat([head, iv, sealCbc(parts.seal, iv, next)]);
      return writeBase64Text(concat([made, hmac('sha256', parts.sign, made)]), 'url-padded');
    },
  });
}
