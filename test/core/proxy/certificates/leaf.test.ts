import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../../core/proxy/certificates/authority.ts';
import { addressBytes, pem } from '../../../../core/proxy/certificates/der.ts';
import { isHostName, LeafCertificates } from '../../../../core/proxy/certificates/leaf.ts';
import { needs } from '../../../support/needs.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 23);
const authority = createAuthority(now);
const leaves = new LeafCertificates(authority, 3, () => now);
const hosts = [
  'shop.test',
  'a.very.long.name.with-hyphens.and.many.labels.that.is.longer.than.sixty-four.test',
  '127.0.0.1',
  '::1',
  'under_score.test',
];

describe('leaf certificates', () => {
  it.each(hosts)('%s: signed by the authority, for this host, for at most 90 days', (host) => {
    const leaf = new X509Certificate(leaves.issue(host));
    const issuer = new X509Certificate(authority.certificate);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(/[:]|^\d/.test(host) ? leaf.checkIP(host) : leaf.checkHost(host)).toBeDefined();
    expect(leaf.ca).toBe(false);
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(90 * DAY);
    expect(Date.parse(leaf.validFrom)).toBeLessThan(now);
  });

  it('never outlive the authority', () => {
    const late = authority.notAfter - 10 * DAY;
    const leaf = new X509Certificate(new LeafCertificates(authority, 3, () => late).issue('shop.test'));
    expect(Date.parse(leaf.validTo)).toBeLessThanOrEqual(authority.notAfter);
  });

  it('have serial numbers of their own', () => {
    const serials = Array.from({ length: 50 }, () => new X509Certificate(leaves.issue('shop.test')).serialNumber);
    expect(new Set(serials).size).toBe(50);
  });

  it('are cached, the least recently used dropped, and renewed before they end', () => {
    let at = now;
    const cache = new LeafCertificates(authority, 2, () => at);
    const first = cache.contextFor('a.test');
    expect(cache.contextFor('a.test')).toBe(first);
    cache.contextFor('b.test');
    cache.contextFor('a.test');
    cache.contextFor('c.test'); // drops b
    expect(cache.size).toBe(2);
    expect(cache.contextFor('a.test')).toBe(first);
    at = now + 50 * DAY;
    expect(cache.contextFor('a.test')).toBe(first);
    at = now + 60 * DAY;
    expect(cache.contextFor('a.test')).not.toBe(first);
  });
});

describe('the authority', () => {
  it('names its key in the notation of Chromium', () => {
    const spki = new X509Certificate(authority.certificate).publicKey.export({ type: 'spki', format: 'der' });
    expect(authority.spkiHash).toBe(createHash('sha256').update(spki).digest('base64'));
  });
});

describe('host names', () => {
  it('are only those that may stand in a certificate', () => {
    expect(['a', 'a.test', 'a-b.c_d.test', 'xn--bcher-kva.test'].every(isHostName)).toBe(true);
    expect(['', 'a b', 'é.test', 'a/b', '-a', `${'a'.repeat(254)}`, 'a\0b'].some(isHostName)).toBe(false);
  });
});

describe('addresses as bytes', () => {
  it('agree with the text for every IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const bytes = addressBytes(address);
        const url = new URL(`http://[${address}]/`).hostname.slice(1, -1);
        expect(bytes).toHaveLength(16);
        const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':');
        expect(new URL(`http://[${groups}]/`).hostname.slice(1, -1)).toBe(url);
      }),
      { numRuns: 300 },
    );
  });
});

needs('openssl')('OpenSSL', () => {
  it('accepts the chain strictly', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'leaf-'));
    try {
      writeFileSync(path.join(folder, 'ca.pem'), authority.pem);
      for (const host of hosts) {
        writeFileSync(path.join(folder, 'leaf.pem'), pem('CERTIFICATE', leaves.issue(host)));
        const args = [
          'verify',
          '-x509_strict',
          '-attime',
          String(now / 1000),
          '-purpose',
          'sslserver',
          '-CAfile',
          'ca.pem',
          'leaf.pem',
        ];
        expect(execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' })).toContain('leaf.pem: OK');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
