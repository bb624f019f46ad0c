import { generateKeyPairSync } from 'node:crypto';
import { signCertificate } from '../../../core/proxy/certificates/certificate.ts';
import { addressBytes, extension, name, pem, sequence, tlv } from '../../../core/proxy/certificates/der.ts';

export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

/** An authority for origins of tests and a certificate for 127.0.0.1, localhost and *.test. */
export function originCertificates(): TlsPair & { readonly ca: string } {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = name('Origins of tests');
  const publicKey = ca.publicKey.export({ type: 'spki', format: 'der' });
  const day = 86_400_000;
  const now = Date.now();
  const certificate = signCertificate({
    issuer: subject,
    subject,
    subjectKey: publicKey,
    issuerKey: publicKey,
    signWith: ca.privateKey,
    notBefore: now - day,
    notAfter: now + 30 * day,
    extensions: [extension(19, true, sequence(Buffer.from([1, 1, 0xff])))],
  });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dns = (host: string) => tlv(0x82, Buffer.from(host));
  const cert = signCertificate({
    issuer: subject,
    subject: name('origin'),
    subjectKey: leaf.publicKey.export({ type: 'spki', format: 'der' }),
    issuerKey: publicKey,
    signWith: ca.privateKey,
    notBefore: now - day,
    notAfter: now + 30 * day,
    extensions: [
      extension(
        17,
        false,
        sequence(tlv(0x87, addressBytes('127.0.0.1')), tlv(0x87, addressBytes('::1')), dns('localhost'), dns('*.test')),
      ),
    ],
  });
  return {
    key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', cert),
    ca: pem('CERTIFICATE', certificate),
  };
}
