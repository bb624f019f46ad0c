import { createHmac } from 'node:crypto';

export interface ForgedToken {
  readonly what: string;
  readonly token: string;
}

/** Header and claims of a compact JWS; undefined where the text is none. */
export function readToken(
  text: string,
):
  | { readonly header: Readonly<Record<string, unknown>>; readonly claims: Readonly<Record<string, unknown>> }
  | undefined {
  const parts = text.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
    const isTable = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
    return isTable(header) && isTable(claims) && typeof header.alg === 'string' ? { header, claims } : undefined;
  } catch {
    return undefined;
  }
}

/** Tokens that say the same as this one and that its issuer did not sign. */
export function forgeTokens(text: string, now: number): readonly ForgedToken[] {
  const read = readToken(text);
  if (read === undefined) return [];
  const [head = '', body = '', signature = ''] = text.split('.');
  const { header, claims } = read;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = (changed: object, key: string, payload = body) => {
    const first = part({ ...header, ...changed });
    return `${first}.${payload}.${createHmac('sha256', key).update(`${first}.${payload}`).digest('base64url')}`;
  };
  const later = { ...claims, exp: Math.floor(now / 1000) + 365 * 86_400 };
  return [
    ...['none', 'None', 'NONE'].map((alg) => ({ what: `alg ${alg}`, token: `${part({ ...header, alg })}.${body}.` })),
    { what: 'the signature left out', token: `${head}.${body}.` },
    { what: 'the signature of other claims', token: `${head}.${part(later)}.${signature}` },
    { what: 'signed with an empty key', token: signed({ alg: 'HS256' }, '') },
    { what: 'signed with another key', token: signed({ alg: 'HS256' }, 'another key') },
    { what: 'kid leading to an empty file', token: signed({ alg: 'HS256', kid: '../../../../../../dev/null' }, '') },
    { what: 'kid with a quote', token: signed({ alg: 'HS256', kid: "x' union select '' -- " }, '') },
  ];
}
