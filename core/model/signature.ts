/** Whether a signature fits: see `SignatureView`. */
export type SignatureState = 'valid' | 'invalid' | 'unchecked' | 'none';

/** What is known of the signature of a value, for display and filters. */
export interface SignatureView {
  /** `django`, `itsdangerous`, `jws HS256` … */
  readonly scheme: string;
  /** `valid`: made with key number `key`; `invalid`: with another key; `unchecked`: no key is known; `none`: unsigned. */
  readonly state: SignatureState;
  /** Index among the keys that were tried. */
  readonly key?: number;
}
