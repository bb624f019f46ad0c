import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';

test('the window as it is packaged has no engine in memory', async () => {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-window-'));
  try {
    const configFile = path.resolve(import.meta.dirname, '../../../renderer/vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    const files = readdirSync(path.join(outDir, 'assets'));
    const code = files
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(path.join(outDir, 'assets', name), 'utf8'));
    expect(code.length).toBeGreaterThan(0);
    // A sentence that only the fake's data has.
    const marker = 'disk:/home/dev/shop/sessions';
    expect(
      readFileSync(path.resolve(import.meta.dirname, '../../../renderer/src/fake/fake-data.ts'), 'utf8'),
    ).toContain(marker);
    expect(code.filter((text) => text.includes(marker))).toEqual([]);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
});
