/** Names that Python's cookie library treats apart (`http.cookies.Morsel`). */

/** Attribute names, which cannot be cookies; compared in lower case. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'expires',
  'path',
  'comment',
  'domain',
  'max-age',
  'secure',
  'httponly',
  'version',
  'samesite',
]);

/** Attributes that stand without a value. */
export const FLAG_NAMES: ReadonlySet<string> = new Set(['secure', 'httponly']);

const LEGAL = /^[A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/;
const LEGAL_PYTHON2 = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/** Whether Python takes it as the name of a cookie. Python 2.7 does not allow `:`. */
export function isLegalName(name: string, python: 2 | 3 = 3): boolean {
  return (python === 2 ? LEGAL_PYTHON2 : LEGAL).test(name);
}
