import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bitString, extension, integer, objectId, octetString, sequence, time, tlv } from './der.ts';

const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const version3 = tlv(0xa0, integer(Buffer.from([2])));

export interface CertificateFields {
  /** DER names. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** DER SubjectPublicKeyInfo of the subject and of the issuer: uncompressed P-256 points. */
  readonly subjectKey: Buffer;
  readonly issuerKey: Buffer;
  /** P-256 key of the issuer. */
  readonly signWith: KeyObject;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Buffer[];
}

/** Signs an X.509 v3 certificate (RFC 5280) with ECDSA and SHA-256; gives DER. */
export function signCertificate(fields: CertificateFields): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40; // positive, and never a leading zero byte
  const toBeSigned = sequence(
    version3,
    integer(serial),
    ecdsaWithSha256,
    fields.issuer,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    fields.subject,
    fields.subjectKey,
    tlv(
      0xa3,
      sequence(
        ...fields.extensions,
        extension(14, false, octetString(keyIdentifier(fields.subjectKey))),
        extension(35, false, sequence(tlv(0x80, keyIdentifier(fields.issuerKey)))),
      ),
    ),
  );
  return sequence(toBeSigned, ecdsaWithSha256, bitString(sign('sha256', toBeSigned, fields.signWith)));
}

/** RFC 5280 section 4.2.1.2, method 1: SHA-1 of the public key's bits (the last 65 bytes for P-256). */
function keyIdentifier(subjectPublicKeyInfo: Buffer): Buffer {
  return createHash('sha1').update(subjectPublicKeyInfo.subarray(-65)).digest();
}

/** Base64 SHA-256 of a DER SubjectPublicKeyInfo: Chromium's notation for `--ignore-certificate-errors-spki-list`. */
export function spkiHash(subjectPublicKeyInfo: Uint8Array): string {
  return createHash('sha256').update(subjectPublicKeyInfo).digest('base64');
}
