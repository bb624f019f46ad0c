import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { toHex } from '../../codec/bytes.ts';
import type { BytesDecoded, Layer, LayerContext, Warning } from '../../codec/layer.ts';
import type { Secret } from '../../codec/secrets.ts';
import { openCbc, sealCbc } from '../../codec/signed/ciphers.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../../codec/signed/parts.ts';
import { cannotOpen, findFit, hmac, sameDigest } from '../../codec/signed/signing.ts';
import { momentText } from '../../model/moment-text.ts';
import { problem } from '../../model/problem.ts';

const FORM = /^Fe26\.2\*(\w*)\*([0-9a-f]{64})\*([\w-]{22})\*([\w-]+)\*(\d*)\*([0-9a-f]{64})\*([\w-]{43})(~\d+)?$/;

/** iron-session (and @hapi/iron): AES-256-CBC and HMAC-SHA256 with keys derived from a password. */
export const iron: Layer = {
  id: 'iron',
  title: 'Sealed by iron-session (Fe26.2)',
  recognise(bytes) {
    if (!FORM.test(asciiText(bytes) ?? '')) return undefined;
    return { score: 0.98, reasons: ['The mark Fe26.2 and all eight fields'] };
  },
  decode,
  make: NEVER_NEW,
};

/** Both keys are derived with one iteration; the salts are used as the text they are. */
function derive(password: Secret, salt: string): Uint8Array {
  return new Uint8Array(pbkdf2Sync(password.bytes, salt, 1, 32, 'sha1'));
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const found = FORM.exec(asciiText(bytes) ?? '');
  if (found === null) throw problem('layer-form', 'These are not the eight fields of a sealed value', { at: 0 });
  const [whole, id = '', salt = '', iv64 = '', data64 = '', expiry = '', macSalt = '', mac64 = '', version = ''] =
    found;
  const [iv, data, mac] = [iv64, data64, mac64].map((text) => readBase64Text(text, 'url'));
  if (iv === undefined || data === undefined || mac === undefined) {
    throw problem('layer-form', 'A field is not url-safe base64', { at: 0 });
  }
  const base = whole.slice(0, whole.lastIndexOf(`*${macSalt}*`));
  const fit = findFit(context.keys, [undefined], (key) => sameDigest(hmac('sha256', derive(key, macSalt), base), mac));
  const plain = fit && openCbc(derive(fit.key, salt), iv, data);
  if (fit === undefined || plain === undefined) throw cannotOpen(context.keys, 'password');
  return envelope({
    outer: bytes,
    inner: plain,
    proven: true,
    signature: { scheme: 'iron', state: 'valid', key: fit.index },
    warnings: expiryWarning(expiry, context.time),
    facts: {
      ...(id !== '' && { password: id }),
      ...(expiry !== '' && { expires: momentText(Number(expiry)) }),
    },
    inside: ['json'],
    habits: { ascii: false },
    build(next) {
      // The id in the value names the password, so the one that fits seals again.
      const fresh = toHex(new Uint8Array(randomBytes(32)));
      const freshMac = toHex(new Uint8Array(randomBytes(32)));
      const freshIv = new Uint8Array(randomBytes(16));
      const sealed = writeBase64Text(sealCbc(derive(fit.key, fresh), freshIv, next), 'url');
      const made = `Fe26.2*${id}*${fresh}*${writeBase64Text(freshIv, 'url')}*${sealed}*${expiry}`;
      const tag = writeBase64Text(hmac('sha256', derive(fit.key, freshMac), made), 'url');
      return `${made}*${freshMac}*${tag}${version}`;
    },
  });
}

function expiryWarning(expiry: string, time: number): Warning[] {
  if (expiry === '' || Number(expiry) > time) return [];
  const message = `The seal ended at ${momentText(Number(expiry))}`;
  return [{ code: 'expired', message, severity: 'warning' }];
}
