import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');
const electron = [process.env['ELECTRON_OVERRIDE_DIST_PATH'], path.join(root, 'node_modules/electron/dist')]
  .filter((folder) => folder !== undefined)
  .map((folder) => path.join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron'))
  .find(existsSync);
const must = process.env['SESSIONSCOPE_REQUIRE_ALL'] === '1';

(electron === undefined && !must ? describe.skip : describe)('inside Electron (BoringSSL, its own Node)', () => {
  it('the behaviour suite passes as well, also while editing', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'electron-proxy-'));
    try {
      await build({
        configFile: false,
        logLevel: 'error',
        root,
        build: {
          ssr: path.join(root, 'test/support/proxy/electron-behaviour.ts'),
          outDir: folder,
          emptyOutDir: false,
          target: 'node20',
          rolldownOptions: { output: { format: 'cjs', entryFileNames: 'behaviour.cjs' } },
        },
        ssr: { noExternal: true },
      });
      const { stdout } = await run(electron ?? 'electron', [path.join(folder, 'behaviour.cjs')], {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
        timeout: 100_000,
      });
      const results = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      for (const { edits, passed, of, failed, flows, electron: version, node } of results) {
        console.log(
          `behaviour in Electron ${version} (Node ${node}), ${edits ? 'editing' : 'recording'}: ${passed}/${of}`,
        );
        expect(failed).toEqual([]);
        expect(passed).toBe(96);
        expect(flows).toBeGreaterThan(100);
      }
      expect(results).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
