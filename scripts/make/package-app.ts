import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAll } from '../build.ts';
import { presentElectron, REGISTRY_RUNTIME_FITS, registryElectron } from '../electron-binary.ts';
import { runTool } from './run.ts';
import type { PackagedApp } from './target.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { version, productName } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
  productName: string;
};

/**
 * Packages the app once, for all targets: Forge builds, packs and sets the fuses.
 * @throws Error with Forge's last words
 */
export async function packageApp(to: string, fast: boolean): Promise<PackagedApp> {
  // The commands take the window from here.
  await buildAll({ quiet: true });
  const zipped = ownRuntime();
  try {
    const forge = path.join(root, 'node_modules/.bin/electron-forge');
    const run = spawnSync(forge, ['package'], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      maxBuffer: 64 << 20,
      env: {
        ...process.env,
        PATH: [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter),
        ...(zipped === undefined ? {} : { ELECTRON_ZIP_DIR: zipped }),
      },
    });
    if (run.status !== 0) {
      throw new Error(
        `electron-forge package failed:\n${`${run.stdout}${run.stderr}`.trim().split('\n').slice(-15).join('\n')}`,
      );
    }
  } finally {
    if (zipped !== undefined) rmSync(zipped, { recursive: true });
  }
  const folder = path.join(root, 'out', `${productName}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) throw new Error(`Forge left nothing at ${folder}`);
  chmodSync(folder, 0o755);
  return { folder, platform: process.platform, arch: process.arch, version, to, fast };
}

/**
 * Where Electron's own binary cannot be had, the runtime that stands in for it, zipped under the name that Forge asks for.
 * Undefined where Forge finds its own.
 */
function ownRuntime(): string | undefined {
  if (process.env['ELECTRON_ZIP_DIR'] !== undefined) return undefined;
  const inside = path.join(root, 'node_modules/electron/dist');
  if (existsSync(inside)) return undefined;
  const present = presentElectron();
  if (present === undefined && !REGISTRY_RUNTIME_FITS) return undefined;
  const folder = present === undefined ? registryElectron()['ELECTRON_OVERRIDE_DIST_PATH'] : path.dirname(present);
  if (folder === undefined) return undefined;
  const { version: wanted } = JSON.parse(
    readFileSync(path.join(root, 'node_modules/electron/package.json'), 'utf8'),
  ) as { version: string };
  const to = mkdtempSync(path.join(tmpdir(), 'electron-zip-'));
  const name = `electron-v${wanted}-${process.platform}-${process.arch}.zip`;
  runTool('zip', ['-qry1', path.join(to, name), '.', '-x', '.electron-from-registry'], 'install zip', folder);
  return to;
}
