import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext } from 'node:tls';
import type { CertificateAuthority } from './authority.ts';
import { signCertificate } from './certificate.ts';
import { addressBytes, bitString, extension, name, objectId, pem, sequence, tlv } from './der.ts';

const DAY = 86_400_000;
/**
 * Whole life of a leaf in days. Where the authority counts as a public one (Android's system store, some web views)
 * Chromium refuses more than 200 since March 2026, 100 from 2027. Backdated by two for clients whose clock is behind.
 */
const LEAF_DAYS = 90;
const BACKDATED_DAYS = 2;
/** A cached leaf is made again this long before it ends. */
const RENEW_BEFORE = 30 * DAY;

/**
 * The connection from a client on this computer: what OpenSSL would choose by itself (a post-quantum exchange, AES-256)
 * costs a third more for each handshake and protects nothing here. Clients without these get what they have.
 */
const GROUPS = 'X25519:P-256:P-384';
const CIPHERS = `TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:${DEFAULT_CIPHERS}`;

const serverAuthentication = extension(37, false, sequence(objectId(0x2b, 6, 1, 5, 5, 7, 3, 1)));
const digitalSignature = extension(15, true, bitString(Buffer.from([0x80]), 7));
const notAnAuthority = extension(19, true, sequence());

/** A host name that may stand in a certificate: letters, digits, `-`, `_`, dots; at most 253 characters. */
export function isHostName(host: string): boolean {
  return host.length <= 253 && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(host);
}

/**
 * Server certificates for intercepted hosts, all on one P-256 key that never leaves memory, and the TLS contexts made
 * of them: the least recently used ones beyond `capacity` are dropped.
 */
export class LeafCertificates {
  readonly #authority: CertificateAuthority;
  readonly #capacity: number;
  readonly #clock: () => number;
  readonly #issuer: Buffer;
  readonly #issuerKey: Buffer;
  readonly #key: string;
  readonly #publicKey: Buffer;
  /** The least recently used first. */
  readonly #contexts = new Map<string, { context: SecureContext; renewAt: number }>();
  #youngest: string | undefined = undefined;

  constructor(authority: CertificateAuthority, capacity: number, clock: () => number) {
    this.#authority = authority;
    this.#capacity = capacity;
    this.#clock = clock;
    const { subject, publicKey: issuerKey } = partsOf(authority);
    this.#issuer = subject;
    this.#issuerKey = issuerKey;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.#publicKey = publicKey.export({ type: 'spki', format: 'der' });
  }

  /** Contexts kept now. */
  get size(): number {
    return this.#contexts.size;
  }

  /** A certificate for a host name or an IP address, DER. */
  issue(host: string): Buffer {
    const now = this.#clock();
    const kind = isIP(host) !== 0 ? tlv(0x87, addressBytes(host)) : tlv(0x82, Buffer.from(host, 'latin1'));
    return signCertificate({
      issuer: this.#issuer,
      subject: name(host),
      subjectKey: this.#publicKey,
      issuerKey: this.#issuerKey,
      signWith: this.#authority.privateKey,
      notBefore: now - BACKDATED_DAYS * DAY,
      notAfter: Math.min(now + (LEAF_DAYS - BACKDATED_DAYS) * DAY, this.#authority.notAfter),
      extensions: [extension(17, false, sequence(kind)), serverAuthentication, digitalSignature, notAnAuthority],
    });
  }

  /** The TLS context for a host, with the authority in its chain. Cached. */
  contextFor(host: string): SecureContext {
    const now = this.#clock();
    const cached = this.#contexts.get(host);
    if (cached !== undefined && cached.renewAt > now) {
      if (host !== this.#youngest) {
        this.#contexts.delete(host);
        this.#contexts.set(host, cached);
        this.#youngest = host;
      }
      return cached.context;
    }
    const context = createSecureContext({
      key: this.#key,
      // The authority goes along: Chromium's SPKI list accepts a chain by any key in it.
      cert: pem('CERTIFICATE', this.issue(host)) + this.#authority.pem,
      minVersion: 'TLSv1.2',
      ecdhCurve: GROUPS,
      ciphers: CIPHERS,
      honorCipherOrder: true,
    });
    this.#contexts.delete(host); // an old one would keep its place
    this.#contexts.set(host, { context, renewAt: now + (LEAF_DAYS - BACKDATED_DAYS) * DAY - RENEW_BEFORE });
    this.#youngest = host;
    if (this.#contexts.size > this.#capacity) {
      const oldest = this.#contexts.keys().next();
      if (!oldest.done) this.#contexts.delete(oldest.value);
    }
    return context;
  }
}

/** Subject and public key of our own certificate: fixed places in the DER that `signCertificate` writes. */
function partsOf(authority: CertificateAuthority): { subject: Buffer; publicKey: Buffer } {
  const outer = contents(authority.certificate, 0);
  const body = contents(authority.certificate, outer.start);
  const parts: Buffer[] = [];
  for (let at = body.start; at < body.end; ) {
    const part = contents(authority.certificate, at);
    parts.push(authority.certificate.subarray(at, part.end));
    at = part.end;
  }
  // version, serial, algorithm, issuer, validity, subject, key, extensions (RFC 5280 section 4.1)
  const [, , , , , subject, publicKey] = parts;
  if (subject === undefined || publicKey === undefined) throw new Error('not a version 3 certificate');
  return { subject, publicKey };
}

function contents(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] as number;
  if (first < 128) return { start: at + 2, end: at + 2 + first };
  const width = first & 127;
  return { start: at + 2 + width, end: at + 2 + width + der.readUIntBE(at + 2, width) };
}
