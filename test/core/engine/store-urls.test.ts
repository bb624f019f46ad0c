import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../core/engine/engine.ts';
import type { KeyProtection } from '../../../core/engine/host.ts';
import { keptStores, storesOf } from '../../../core/engine/store-urls.ts';

const PASSWORD = 'top-S3cret-word';
const WITH = `postgres://anna:${PASSWORD}@127.0.0.1:1/app?table=sessions`;
const QUERY = `mysql://127.0.0.1:1/app?user=anna&password=${PASSWORD}`;
const PLAIN = 'disk:/tmp/sessions';
const turned = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
/** A keychain that is none, but shows what came through it. */
const keychain: KeyProtection = {
  encrypt: (text) => turned(Buffer.from(text)),
  decrypt: (bytes) => turned(bytes).toString(),
};

describe('URLs of stores in the workspace', () => {
  it('come back in their order, with passwords sealed where there is a keychain', () => {
    for (const protection of [keychain, undefined]) {
      const urls = [PLAIN, WITH, QUERY, WITH.replace('S3cret', 'Other')];
      const kept = JSON.parse(JSON.stringify(keptStores(urls, protection))) as unknown;
      expect(JSON.stringify(kept).includes(PASSWORD)).toBe(protection === undefined);
      expect(storesOf(kept, protection)).toEqual({ stores: urls.map((url) => ({ url })), outdated: false });
    }
  });

  it('of an earlier form are read and counted as outdated, and what lies open is sealed when a keychain comes', () => {
    expect(storesOf([PLAIN, WITH], keychain)).toEqual({ stores: [{ url: PLAIN }, { url: WITH }], outdated: true });
    expect(storesOf([PLAIN], keychain).outdated).toBe(false);
    expect(storesOf(keptStores([WITH], undefined), keychain)).toEqual({ stores: [{ url: WITH }], outdated: true });
  });

  it('say so when their password cannot be read any more, and are never tried without it', () => {
    const kept = keptStores([PLAIN, WITH, QUERY], keychain);
    const { stores } = storesOf(kept, undefined);
    expect(stores[0]).toEqual({ url: PLAIN });
    for (const one of stores.slice(1)) {
      expect('problem' in one && one.problem.problem).toMatchObject({ kind: 'store-password-gone' });
      expect('problem' in one && one.problem.message).not.toContain(PASSWORD);
    }
    for (const odd of [null, 5, {}, { urls: 3, secrets: [] }, { urls: [1, null], secrets: { sealed: '%' } }]) {
      expect(storesOf(odd, keychain).stores).toEqual([]);
    }
  });
});

describe('a workspace of an earlier version', () => {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-store-urls-'));
  afterAll(() => rmSync(dataFolder, { recursive: true, force: true }));

  it('has its passwords sealed at the first start, and none of them in any of its files', async () => {
    const open = () =>
      createEngine({ mode: 'web', version: '0', dataFolder, proxyPort: 0, log: () => {}, protectKey: keychain });
    const first = await open();
    const { workspaceFile } = await first.handlers['app.info']({});
    await first.close();
    const database = new DatabaseSync(workspaceFile);
    database
      .prepare('INSERT INTO setting (key, value) VALUES (?, ?)')
      .run('engine.stores', JSON.stringify([WITH, QUERY]));
    database.close();
    expect(readFileSync(workspaceFile).includes(PASSWORD)).toBe(true);
    await (await open()).close();
    for (const name of readdirSync(path.dirname(workspaceFile))) {
      if (!name.startsWith(path.basename(workspaceFile))) continue;
      expect(readFileSync(path.join(path.dirname(workspaceFile), name)).includes(PASSWORD), name).toBe(false);
    }
    const after = new DatabaseSync(workspaceFile, { readOnly: true });
    const kept = after.prepare('SELECT value FROM setting WHERE key = ?').get('engine.stores') as { value: string };
    after.close();
    expect(storesOf(JSON.parse(kept.value), keychain).stores).toEqual([{ url: WITH }, { url: QUERY }]);
  });
});
