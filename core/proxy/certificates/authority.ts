import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { signCertificate, spkiHash } from './certificate.ts';
import { bitString, booleanTrue, extension, integer, name, pem, sequence } from './der.ts';

const DAY = 86_400_000;
/** How long an authority lives; it is replaced at the first start within its last month. */
const AUTHORITY_DAYS = 5 * 365;

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

/** A new P-256 authority. `now`: milliseconds since 1970. Nothing is written and nothing installed. */
export function createAuthority(now: number): CertificateAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ type: 'spki', format: 'der' });
  // The key's first bytes keep two authorities apart in a browser's list, and browsers from mixing them up.
  const mark = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const subject = name(`Sessionscope ${mark}`, 'Sessionscope (this computer only)');
  const certificate = signCertificate({
    issuer: subject,
    subject,
    subjectKey: key,
    issuerKey: key,
    signWith: privateKey,
    notBefore: now - DAY,
    notAfter: now + AUTHORITY_DAYS * DAY,
    extensions: [
      extension(19, true, sequence(booleanTrue, integer(Buffer.from([0])))), // CA, no further CA below it
      extension(15, true, bitString(Buffer.from([0x06]), 1)), // keyCertSign, cRLSign
    ],
  });
  return readAuthority(certificate, privateKey);
}

/**
 * An authority from its parts.
 * @throws Error when the certificate is not DER or does not belong to the key.
 */
function readAuthority(certificate: Buffer, privateKey: KeyObject): CertificateAuthority {
  const parsed = new X509Certificate(certificate);
  if (!parsed.checkPrivateKey(privateKey)) throw new Error('the certificate does not belong to the key');
  return {
    certificate,
    pem: pem('CERTIFICATE', certificate),
    privateKey,
    fingerprint: createHash('sha256').update(certificate).digest('hex'),
    spkiHash: spkiHash(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })),
    notAfter: Date.parse(parsed.validTo),
  };
}

/** From PEM texts, as stored. */
export function readAuthorityPem(certificate: string, key: string): CertificateAuthority {
  return readAuthority(new X509Certificate(certificate).raw, createPrivateKey(key));
}
