import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  exportAuthority,
  loadOrCreateAuthority,
  removeAuthority,
  rotateAuthority,
} from '../../../../core/proxy/certificates/authority-files.ts';

const DAY = 86_400_000;
let folder: string;
let now = Date.UTC(2026, 10, 23);
const options = { clock: () => now };

beforeEach(() => {
  now = Date.UTC(2026, 10, 23);
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'authority-')), 'ca');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

describe('the authority of an installation', () => {
  it('is made at first start, readable by its owner only, and the same from then on', () => {
    const first = loadOrCreateAuthority(folder, options);
    const again = loadOrCreateAuthority(folder, options);
    expect(again.fingerprint).toBe(first.fingerprint);
    expect(again.spkiHash).toBe(first.spkiHash);
    expect(readdirSync(folder).sort()).toEqual(['authority.key', 'authority.pem']);
    expect(statSync(path.join(folder, 'authority.key')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('has its key in the keychain where there is one', () => {
    const turn = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
    const protectKey = {
      encrypt: (text: string) => turn(Buffer.from(text)),
      decrypt: (data: Buffer) => turn(data).toString(),
    };
    const first = loadOrCreateAuthority(folder, { ...options, protectKey });
    for (const file of readdirSync(folder)) {
      expect(readFileSync(path.join(folder, file), 'latin1')).not.toContain('PRIVATE KEY');
      expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    }
    expect(loadOrCreateAuthority(folder, { ...options, protectKey }).fingerprint).toBe(first.fingerprint);
    expect(() => loadOrCreateAuthority(folder, options)).toThrow(/keychain/);
  });

  it('rotates on demand and in its last month', () => {
    const first = loadOrCreateAuthority(folder, options);
    const second = rotateAuthority(folder, options);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    now = second.notAfter - 29 * DAY;
    const third = loadOrCreateAuthority(folder, options);
    expect(third.fingerprint).not.toBe(second.fingerprint);
    expect(third.notAfter).toBeGreaterThan(second.notAfter);
  });

  it('stays where a new one cannot be kept', () => {
    const first = loadOrCreateAuthority(folder, options);
    const locked = () => {
      throw new Error('the keychain is locked');
    };
    expect(() => rotateAuthority(folder, { ...options, protectKey: { encrypt: locked, decrypt: locked } })).toThrow(
      /locked/,
    );
    expect(loadOrCreateAuthority(folder, options).fingerprint).toBe(first.fingerprint);
    // As a full disk does: the certificate cannot be written when the key already is.
    mkdirSync(path.join(folder, 'authority.pem.new', 'in the way'), { recursive: true });
    expect(() => rotateAuthority(folder, options)).toThrow();
    expect(loadOrCreateAuthority(folder, options).fingerprint).toBe(first.fingerprint);
  });

  it('is removed without a trace', () => {
    loadOrCreateAuthority(folder, options);
    removeAuthority(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is never overwritten unasked when it cannot be read', () => {
    loadOrCreateAuthority(folder, options);
    writeFileSync(path.join(folder, 'authority.key'), 'damaged');
    expect(() => loadOrCreateAuthority(folder, options)).toThrow(/cannot be used/);
    expect(readFileSync(path.join(folder, 'authority.key'), 'utf8')).toBe('damaged');
  });

  it('exports its certificate, never its key', () => {
    const authority = loadOrCreateAuthority(folder, options);
    expect(exportAuthority(authority, 'pem').toString()).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    expect(exportAuthority(authority, 'der').equals(authority.certificate)).toBe(true);
  });
});
