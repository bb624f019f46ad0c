import { constants, sign, verify } from 'node:crypto';
import { problem } from '../../model/problem.ts';
import { latin1 } from '../bytes.ts';
import { readJson } from '../json/reader.ts';
import type { BytesDecoded, Layer, LayerContext, Signature, Warning } from '../layer.ts';
import type { Secret } from '../secrets.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { type Digest, findFit, hmac, needsSecret, sameDigest, signer } from '../signed/signing.ts';
import { keyPair } from './asymmetric.ts';
import { headerOf, type JoseHeader, symmetricKeys } from './header.ts';

/**
 * Signed tokens (RFC 7515, compact): the header is shown among the facts and never changed, the payload is the value.
 * Verified with the public key too; signed again with the private one.
 */
export const jws: Layer = {
  id: 'jws',
  title: 'Signed token (JWT)',
  recognise(bytes) {
    const parts = partsOf(bytes);
    if (parts === undefined) return undefined;
    return { score: 0.98, reasons: [`Three parts, the first a header with alg ${parts.header.alg}`] };
  },
  decode,
  make: NEVER_NEW,
};

interface Parts {
  readonly head: string;
  readonly header: JoseHeader;
  readonly payload: Uint8Array;
  readonly signed: string;
  readonly sig: Uint8Array;
}

function partsOf(bytes: Uint8Array): Parts | undefined {
  const texts = asciiText(bytes)?.split('.') ?? [];
  const [head = '', body = '', tail = ''] = texts;
  if (texts.length !== 3 || body === '') return undefined;
  const header = headerOf(head);
  const payload = readBase64Text(body, 'url');
  const sig = readBase64Text(tail, 'url');
  if (header === undefined || header.enc !== undefined || payload === undefined || sig === undefined) return undefined;
  if (header.alg === 'none' ? tail !== '' : tail === '') return undefined;
  return { head, header, payload, signed: `${head}.${body}`, sig };
}

type Family = 'HS' | 'RS' | 'PS' | 'ES' | 'Ed';

function familyOf(alg: string): { family: Family; digest: Digest } | undefined {
  if (/^(EdDSA|Ed25519|Ed448)$/.test(alg)) return { family: 'Ed', digest: 'sha512' };
  const found = /^(HS|RS|PS|ES)(256|384|512)$/.exec(alg);
  return found === null ? undefined : { family: found[1] as Family, digest: `sha${found[2]}` as Digest };
}

function decode(bytes: Uint8Array, context: LayerContext): BytesDecoded {
  const parts = partsOf(bytes);
  if (parts === undefined) throw problem('layer-form', 'These are not the three parts of a signed token', { at: 0 });
  const { head, header, payload, signed, sig } = parts;
  const { alg } = header;
  const how = familyOf(alg);
  const fit = how && findFit(context.keys, [how], (key) => verifies(key, how, signed, sig));
  return envelope({
    outer: bytes,
    inner: payload,
    proven: true,
    signature: signatureOf(alg, context.keys, how === undefined, fit?.index),
    warnings: [...warningsOf(header, fit?.key), ...claimWarnings(payload, context)],
    facts: { ...factsOf(header), header: Buffer.from(head, 'base64url').toString('utf8') },
    inside: ['json'],
    habits: { ascii: false },
    build(next) {
      const text = `${head}.${writeBase64Text(next, 'url')}`;
      if (alg === 'none') return `${text}.`;
      if (how === undefined) throw problem('layer-unsupported', `Tokens of the kind ${alg} cannot be signed here`);
      const { key } = signer(context.keys, fit, how.family === 'HS' ? 'the secret' : 'the private key');
      return latin1(`${text}.${writeBase64Text(signWith(key, how, text), 'url')}`);
    },
  });
}

function signatureOf(alg: string, keys: readonly Secret[], unknown: boolean, key: number | undefined): Signature {
  const scheme = `jws ${alg}`;
  if (alg === 'none') return { scheme, state: 'none' };
  if (key !== undefined) return { scheme, state: 'valid', key };
  return { scheme, state: unknown || keys.length === 0 ? 'unchecked' : 'invalid' };
}

interface How {
  readonly family: Family;
  readonly digest: Digest;
}

function verifies(key: Secret, { family, digest }: How, signed: string, sig: Uint8Array): boolean {
  if (family === 'HS') return symmetricKeys(key).some((one) => sameDigest(hmac(digest, one, signed), sig));
  const pair = keyPair(key);
  if (pair === undefined || !fitsFamily(pair.publicKey.asymmetricKeyType, family)) return false;
  try {
    return verify(family === 'Ed' ? null : digest, Buffer.from(signed), keyOptions(pair.publicKey, family), sig);
  } catch {
    return false;
  }
}

function signWith(key: Secret, { family, digest }: How, text: string): Uint8Array {
  if (family === 'HS') return hmac(digest, symmetricKeys(key)[0] ?? key.bytes, text);
  const privateKey = keyPair(key)?.privateKey;
  if (privateKey === undefined) throw needsSecret('the private key');
  return new Uint8Array(sign(family === 'Ed' ? null : digest, Buffer.from(text), keyOptions(privateKey, family)));
}

function fitsFamily(type: string | undefined, family: Family): boolean {
  if (family === 'Ed') return type === 'ed25519' || type === 'ed448';
  if (family === 'ES') return type === 'ec';
  return type === 'rsa' || (family === 'PS' && type === 'rsa-pss');
}

function keyOptions<K>(key: K, family: Family) {
  return {
    key,
    ...(family === 'PS' && {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
    // r and s one after the other, not DER.
    ...(family === 'ES' && { dsaEncoding: 'ieee-p1363' as const }),
  } as never;
}

function factsOf(header: JoseHeader): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {};
  for (const name of ['alg', 'typ', 'kid']) {
    const value = header[name];
    if (typeof value === 'string') shown[name] = value;
  }
  return shown;
}

function warningsOf({ alg }: JoseHeader, key: Secret | undefined): Warning[] {
  if (alg === 'none') {
    const message = 'The token is not signed (alg none): anybody can write one like it';
    return [{ code: 'jwt-alg-none', message, severity: 'danger' }];
  }
  if (alg.startsWith('HS') && key?.text.includes('-----BEGIN') === true && !key.text.includes('PRIVATE KEY')) {
    const message = 'The token is signed with a public key as its secret: anybody who has that key can sign one';
    return [{ code: 'jwt-public-key-as-secret', message, severity: 'danger' }];
  }
  return [];
}

/** What the claims say about the token's life. */
function claimWarnings(payload: Uint8Array, context: LayerContext): Warning[] {
  let claims: ReturnType<typeof readJson>['root']['value'];
  try {
    claims = readJson(payload, context.budget).root.value;
  } catch {
    return [];
  }
  if (claims.t !== 'dict') return [];
  const seconds = (name: string) => {
    const found =
      claims.t === 'dict' ? claims.v.findLast(([key]) => key.t === 'str' && key.v === name)?.[1] : undefined;
    return found?.t === 'int' || found?.t === 'float' ? Number(found.v) : undefined;
  };
  const now = context.time / 1000;
  const [exp, nbf] = [seconds('exp'), seconds('nbf')];
  const warnings: Warning[] = [];
  if (exp === undefined) {
    const message = 'The token has no exp: it never ends by itself';
    warnings.push({ code: 'jwt-no-exp', message, severity: 'warning' });
  } else if (exp < now) {
    warnings.push({ code: 'expired', message: `The token ended at ${isoOf(exp)} (exp)`, severity: 'warning' });
  }
  if (nbf !== undefined && nbf > now) {
    const message = `The token is not valid before ${isoOf(nbf)} (nbf)`;
    warnings.push({ code: 'jwt-not-yet', message, severity: 'warning' });
  }
  return warnings;
}

function isoOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
