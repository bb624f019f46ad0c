/**
 * The alerts by which a client says that it does not accept a certificate (RFC 8446 section 6.2): which of them is the
 * client's choice. OpenSSL sends `unknown_ca`, Go `bad_certificate`, Chromium and Java `certificate_unknown`; programs
 * that pin a certificate send any of them.
 */
export type DistrustAlert = 'unknown_ca' | 'bad_certificate' | 'certificate_unknown';

/**
 * The alert by which a client refused our certificate; undefined where a handshake failed for another reason.
 * OpenSSL and BoringSSL (Electron) name alerts in the same words, behind prefixes that differ by version.
 */
export function distrustAlert(error: Error): DistrustAlert | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  const found = /_ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)$/.exec(code);
  return found?.[1]?.toLowerCase() as DistrustAlert | undefined;
}
