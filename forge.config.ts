import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerZIP } from '@electron-forge/maker-zip';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { MakerElectronBuilder } from './electron/maker-electron-builder.ts';

const config: ForgeConfig = {
  packagerConfig: {
    asar: { unpack: '**/*.node' },
    executableName: 'sessionscope',
    appBundleId: 'app.sessionscope.desktop',
    ...(process.env['ELECTRON_ZIP_DIR'] === undefined ? {} : { electronZipDir: process.env['ELECTRON_ZIP_DIR'] }),
  },
  // better-sqlite3 is a Node-API add-on that ships its own binaries: nothing to rebuild for each Electron version.
  rebuildConfig: { onlyModules: [] },
  makers: [
    new MakerZIP({}, ['darwin', 'linux', 'win32']),
    new MakerDeb({
      options: { bin: 'sessionscope', categories: ['Development'], maintainer: 'Sessionscope contributors' },
    }),
    new MakerElectronBuilder({
      targets: { linux: ['AppImage'], win32: ['nsis'], darwin: ['dmg'] },
      config: { appId: 'app.sessionscope.desktop', productName: 'Sessionscope', linux: { category: 'Development' } },
    }),
  ],
  plugins: [
    new VitePlugin({
      build: [
        { entry: 'electron/main/main.ts', config: 'electron/vite.main.config.ts', target: 'main' },
        { entry: 'electron/preload/preload.ts', config: 'electron/vite.preload.config.ts', target: 'preload' },
      ],
      renderer: [{ name: 'main_window', config: 'renderer/vite.config.ts' }],
    }),
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    }),
  ],
  hooks: {
    // The Vite plugin packages only .vite/: bring the one external (native) module along, for the target platform only.
    packageAfterCopy: async (_config, buildPath, _electronVersion, platform, arch) => {
      const from = path.join(import.meta.dirname, 'node_modules/better-sqlite3');
      const to = path.join(buildPath, 'node_modules/better-sqlite3');
      for (const part of ['package.json', 'LICENSE', 'lib']) {
        await fs.cp(path.join(from, part), path.join(to, part), { recursive: true });
      }
      const own = 'build/Release/better_sqlite3.node';
      const local = platform === process.platform && arch === process.arch && existsSync(path.join(from, own));
      const binding = local ? own : `prebuilds/${platform}-${arch}.node`;
      await fs.cp(path.join(from, binding), path.join(to, binding));
    },
  },
};
export default config;
