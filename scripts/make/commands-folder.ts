import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { stagePackage } from '../package-npm.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** For Linux and macOS. `readlink -f` is missing on older systems of Apple, so links are followed by hand. */
const SHELL = `#!/bin/sh
# Runs a command without the window, and opens the window where there is none.
self=$0
while [ -L "$self" ]; do
  to=$(readlink "$self")
  case $to in /*) self=$to ;; *) self=$(dirname "$self")/$to ;; esac
done
here=$(cd "$(dirname "$self")" && pwd -P)
case \${1-} in
  '' | window) [ $# -gt 0 ] && shift; exec "$here/WINDOW" "$@" ;;
  --practice | --new-browser) exec "$here/WINDOW" "$@" ;;
esac
exec "$here/../node" "$here/../dist/main.js" "$@"
`;

const BATCH = `@echo off
if "%~1"=="" (start "" "%~dp0WINDOW" & exit /b)
if "%~1"=="window" (start "" "%~dp0WINDOW" & exit /b)
"%~dp0..\\node.exe" "%~dp0..\\dist\\main.js" %*
`;

/** Where the program of the window lies, seen from the folder of the launcher. */
const WINDOW: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: '../../../sessionscope',
  darwin: '../../../MacOS/sessionscope',
  win32: String.raw`..\..\..\sessionscope.exe`,
};

/**
 * Writes the commands of an installation into a folder (`resources/cli`): a launcher, their own bundle, a Node that travels
 * along, and the native module. The window's program is never started for a command.
 * @throws Error where the Node or the native module is missing for this system
 */
export async function writeCommands(to: string, platform: NodeJS.Platform, arch: string): Promise<void> {
  await stagePackage(to, { windowIsBuilt: true });
  for (const part of ['types', 'README.md']) await fs.rm(path.join(to, part), { recursive: true });
  const name = platform === 'win32' ? 'node.exe' : 'node';
  const node = path.join(root, 'node_modules/node/bin', name);
  if (!existsSync(node) || platform !== process.platform || arch !== process.arch) {
    throw new Error(`There is no Node for ${platform} ${arch} here. Make its installers on such a computer.`);
  }
  await fs.copyFile(node, path.join(to, name));
  await fs.chmod(path.join(to, name), 0o755);
  await copyNativeModule(to, platform, arch);
  await fs.rm(path.join(to, 'bin'), { recursive: true });
  await fs.mkdir(path.join(to, 'bin'));
  const window = WINDOW[platform] ?? '../../../sessionscope';
  const file = path.join(to, 'bin', platform === 'win32' ? 'sessionscope.cmd' : 'sessionscope');
  await fs.writeFile(
    file,
    (platform === 'win32' ? BATCH.replaceAll('\n', '\r\n') : SHELL).replaceAll('WINDOW', window),
    {
      mode: 0o755,
    },
  );
}

/** better-sqlite3 with the one binary of the system, for the app and for the commands. */
export async function copyNativeModule(to: string, platform: string, arch: string): Promise<void> {
  const from = path.join(root, 'node_modules/better-sqlite3');
  const folder = path.join(to, 'node_modules/better-sqlite3');
  for (const part of ['package.json', 'LICENSE', 'lib']) {
    await fs.cp(path.join(from, part), path.join(folder, part), { recursive: true });
  }
  const own = 'build/Release/better_sqlite3.node';
  const isLocal = platform === process.platform && arch === process.arch && existsSync(path.join(from, own));
  const binding = isLocal ? own : `prebuilds/${platform}-${arch}.node`;
  await fs.cp(path.join(from, binding), path.join(folder, binding));
}
