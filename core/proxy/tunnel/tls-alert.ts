/**
 * The alerts by which a client says that it does not accept a certificate (RFC 8446 section 6.2): which of them is the
 * client's choice. OpenSSL sends `unknown_ca`, Go `bad_certificate`, Chromium and Java `certificate_unknown`; programs
 * that pin a certificate send any of them. `in clear`: one that cannot be read, see below.
 */
export type DistrustAlert = 'unknown_ca' | 'bad_certificate' | 'certificate_unknown' | 'in clear';

/**
 * The alert by which a client refused our certificate; undefined where a handshake failed for another reason.
 * OpenSSL and BoringSSL (Electron) name alerts in the same words, behind prefixes that differ by version.
 */
export function distrustAlert(error: Error): DistrustAlert | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  // A client of OpenSSL that refuses a certificate by TLS 1.3 has no keys for sending yet, so that its alert comes in
  // clear. BoringSSL expects an encrypted record by then and finds two bytes, too few for one; nothing else is so short.
  if (code === 'ERR_SSL_BAD_PACKET_LENGTH') return 'in clear';
  const found = /_ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)$/.exec(code);
  return found?.[1]?.toLowerCase() as DistrustAlert | undefined;
}
