import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CertificateService } from '../../../core/engine/certificate-service.ts';
import { createEngine } from '../../../core/engine/engine.ts';
import type { KeyProtection } from '../../../core/engine/host.ts';
import type { Notice } from '../../../core/model/app.ts';
import { throughProxy } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

const DAY = 86_400_000;
const turned = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte) => byte ^ 0x5a);
/** A keychain as Electron's: what it sealed only it can open. */
const keychain: KeyProtection = {
  encrypt: (text) => turned(Buffer.from(text)),
  decrypt: (bytes) => Buffer.from(turned(bytes)).toString(),
};
const refusing: KeyProtection = {
  encrypt: () => {
    throw new Error('the keychain is locked');
  },
  decrypt: () => {
    throw new Error('the keychain is locked');
  },
};

let folder: string;
let now = Date.now();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-ca-'));
  now = Date.now();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const desk = (protectKey: KeyProtection | undefined = undefined, at = folder) =>
  new CertificateService({ folder: at, clock: () => now, protectKey });

describe('CertificateService', () => {
  it('goes on with an authority in memory when the keychain is gone, and keeps the files for its return', () => {
    const first = desk(keychain).info();
    const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'latin1'));
    for (const without of [desk(), desk(refusing)]) {
      expect(without.info()).toMatchObject({ state: 'temporary', problem: { kind: 'authority-unreadable' } });
      expect(without.info().problem?.remedy).toMatch(/keychain.*new certificate/);
      expect(without.info().fingerprint).not.toBe(first.fingerprint);
      expect(without.notices).toMatchObject([{ level: 'warning' }]);
    }
    expect(readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'latin1'))).toEqual(files);
    expect(desk(keychain).info()).toEqual(first);

    const lost = desk();
    const made = lost.rotate();
    expect(made).not.toHaveProperty('problem');
    expect(made.state).toBe('kept');
    expect(desk().info().fingerprint).toBe(made.fingerprint);
  });

  it('starts where nothing can be kept, and changes nothing when a new one cannot be kept either', () => {
    const locked = desk(refusing);
    expect(locked.info()).toMatchObject({ state: 'temporary', problem: { kind: 'authority-not-kept' } });
    const before = locked.info().fingerprint;
    expect(() => locked.rotate()).toThrow(/keychain is locked/);
    expect(locked.info().fingerprint).toBe(before);
    writeFileSync(path.join(folder, 'a-file'), '');
    expect(desk(undefined, path.join(folder, 'a-file', 'authority')).info().state).toBe('temporary');
  });

  it('says that it was renewed in its last month, and what to do', () => {
    const first = desk();
    expect([first.info().state, first.notices]).toEqual(['kept', []]);
    now = first.info().notAfter - 29 * DAY;
    const second = desk();
    expect(second.info()).toMatchObject({ state: 'renewed' });
    expect(second.notices).toMatchObject([
      { level: 'warning', remedy: expect.stringMatching(/remove it and install/) },
    ]);
    expect([desk().info().state, desk().notices]).toEqual(['kept', []]);
  });

  it('is temporary after its removal, until the next start makes another', () => {
    const one = desk();
    expect(one.remove()).toMatchObject({ state: 'temporary' });
    expect(one.info()).not.toHaveProperty('problem');
    expect(readdirSync(folder)).toEqual([]);
    expect(desk().info().state).toBe('kept');
  });
});

describe('an engine whose keychain is gone', () => {
  it('starts, intercepts, and tells the first window that asks', async () => {
    const { notAfter } = await (async () => {
      const engine = await createEngine({ mode: 'desktop', version: '1', dataFolder: folder, protectKey: keychain });
      const { certificate } = await engine.handlers['app.info']({});
      await engine.close();
      return certificate;
    })();
    const engine = await createEngine({ mode: 'desktop', version: '1', dataFolder: folder });
    const notices: Notice[] = [];
    engine.subscribe((name, event) => {
      if (name === 'notice') notices.push(event as Notice);
    });
    const info = await engine.handlers['app.info']({});
    expect(info.certificate).toMatchObject({ state: 'temporary', problem: { kind: 'authority-unreadable' } });
    expect(info.certificate.notAfter).toBeGreaterThanOrEqual(notAfter);
    await until(
      async () => notices,
      (told) => told.length > 0,
    );
    expect(notices).toMatchObject([{ level: 'warning', message: expect.stringMatching(/keychain/) }]);
    const ca = (await engine.handlers['certificate.export']({ form: 'pem' })).text ?? '';
    const page = await throughProxy(info.proxy.port, 'https://sessionscope.local/check/https', { ca: [ca] });
    expect(page.status).toBe(200);
    await engine.close();
  });
});
