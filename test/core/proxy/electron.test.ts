import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import { has } from '../../support/needs.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');
const electron = [process.env['ELECTRON_OVERRIDE_DIST_PATH'], path.join(root, 'node_modules/electron/dist')]
  .filter((folder) => folder !== undefined)
  .map((folder) => path.join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron'))
  .find(existsSync);
const must = process.env['SESSIONSCOPE_REQUIRE_ALL'] === '1';

/** Bundles a script of test/support/proxy and runs it in Electron's Node. @returns the JSON of its lines. */
// biome-ignore lint/suspicious/noExplicitAny: each script prints what its test asks
async function runInElectron(script: string): Promise<any[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'electron-proxy-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      root,
      build: {
        ssr: path.join(root, 'test/support/proxy', script),
        outDir: folder,
        emptyOutDir: false,
        target: 'node20',
        rolldownOptions: { output: { format: 'cjs', entryFileNames: 'script.cjs' } },
      },
      ssr: { noExternal: true },
    });
    const { stdout } = await run(electron ?? 'electron', [path.join(folder, 'script.cjs')], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      timeout: 100_000,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

(electron === undefined && !must ? describe.skip : describe)('inside Electron (BoringSSL, its own Node)', () => {
  it('the behaviour suite passes as well, also while editing', { timeout: 120_000 }, async () => {
    const results = await runInElectron('electron-behaviour.ts');
    for (const { edits, passed, of, failed, flows, electron: version, node } of results) {
      console.log(
        `behaviour in Electron ${version} (Node ${node}), ${edits ? 'editing' : 'recording'}: ${passed}/${of}`,
      );
      expect(failed).toEqual([]);
      expect(passed).toBe(96);
      expect(flows).toBeGreaterThan(100);
    }
    expect(results).toHaveLength(2);
  });

  // The installed program's clients are met by BoringSSL, which cannot read what OpenSSL sends in clear by TLS 1.3.
  it.runIf(has('curl') || must)(
    'a client that does not trust the authority is known',
    { timeout: 120_000 },
    async () => {
      expect(await runInElectron('electron-distrust.ts')).toEqual([
        { version: '1.2', exit: 60, alert: 'unknown_ca' },
        { version: '1.3', exit: 60, alert: 'in clear' },
      ]);
    },
  );
});
