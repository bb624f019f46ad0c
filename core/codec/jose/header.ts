import { fromUtf8 } from '../bytes.ts';
import { anyBase64, type Secret } from '../secrets.ts';
import { readBase64Text } from '../signed/parts.ts';

export interface JoseHeader {
  readonly alg: string;
  readonly enc?: string;
  readonly [name: string]: unknown;
}

/** The header of a token: a JSON object with `alg`; undefined for anything else. */
export function headerOf(part: string): JoseHeader | undefined {
  const bytes = readBase64Text(part, 'url');
  if (bytes === undefined || bytes.length > 100_000) return undefined;
  try {
    const json: unknown = JSON.parse(fromUtf8(bytes) ?? '');
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    return typeof (json as { alg?: unknown }).alg === 'string' ? (json as JoseHeader) : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of a symmetric key: as given, of a JWK, or of base64 where the length is asked for. */
export function symmetricKeys(secret: Secret, length?: number): Uint8Array[] {
  const jwk = jwkOf(secret.text);
  if (jwk !== undefined) {
    const bytes = typeof jwk['k'] === 'string' ? anyBase64(jwk['k']) : undefined;
    return bytes === undefined ? [] : [bytes];
  }
  const decoded = length === undefined ? undefined : anyBase64(secret.text);
  const all = decoded === undefined ? [secret.bytes] : [secret.bytes, decoded];
  return length === undefined ? all : all.filter((key) => key.length === length);
}

/** A key as JSON; undefined when the text is none. */
export function jwkOf(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    return typeof json['kty'] === 'string' ? json : undefined;
  } catch {
    return undefined;
  }
}
