/** A Set-Cookie field taken apart as far as its attributes are judged. */
export interface CookieField {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** In lower case; undefined when it is not set or not known (browsers then do as they like). */
  readonly sameSite: 'strict' | 'lax' | 'none' | undefined;
  readonly domain: string | undefined;
  readonly path: string | undefined;
  /** Seconds from now on; undefined for a cookie that ends with the browser. */
  readonly lifetime: number | undefined;
}

/** @param now ms since 1970 */
export function cookieField(field: string, now: number): CookieField {
  const [pair = '', ...attributes] = field.split(';');
  const at = pair.indexOf('=');
  const given = new Map(
    attributes.map((attribute): [string, string] => {
      const [name = '', ...value] = attribute.split('=');
      return [name.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const sameSite = given.get('samesite')?.toLowerCase();
  const maxAge = given.get('max-age');
  const expires = Date.parse(given.get('expires') ?? '');
  return {
    name: pair.slice(0, at).trim(),
    value: pair.slice(at + 1).trim(),
    secure: given.has('secure'),
    httpOnly: given.has('httponly'),
    sameSite: sameSite === 'strict' || sameSite === 'lax' || sameSite === 'none' ? sameSite : undefined,
    domain: given.get('domain')?.replace(/^\./, '') || undefined,
    path: given.get('path') || undefined,
    lifetime:
      maxAge !== undefined && /^-?\d+$/.test(maxAge)
        ? Number(maxAge)
        : Number.isNaN(expires)
          ? undefined
          : Math.round((expires - now) / 1000),
  };
}
