import type { KeyObject } from 'node:crypto';

/** A certificate authority of this installation. */
export interface CertificateAuthority {
  /** Self-signed certificate, DER. */
  readonly certificate: Buffer;
  /** The same as PEM. */
  readonly pem: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of the certificate's DER, lower-case hex. */
  readonly fingerprint: string;
  /** Base64 SHA-256 of the SubjectPublicKeyInfo: for Chromium's `--ignore-certificate-errors-spki-list`. */
  readonly spkiHash: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}
