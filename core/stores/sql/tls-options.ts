import type { Tls } from '../address.ts';

/** Options of `tls.connect` for a mode of encryption: as libpq's `require`, `verify-ca` and `verify-full`. */
export function tlsOptions(mode: Tls): {
  rejectUnauthorized: boolean;
  checkServerIdentity?: () => undefined;
} {
  if (mode === 'verify-ca') return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
  return { rejectUnauthorized: mode === 'verify' };
}
