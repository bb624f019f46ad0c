import fs from 'node:fs/promises';
import path from 'node:path';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { copyNativeModule, writeCommands } from './scripts/make/commands-folder.ts';
import { writeIcons } from './scripts/make/icons.ts';
import { writeNotices } from './scripts/make/notices.ts';
import { signing } from './scripts/make/signing.ts';

/*
 * What is packaged: `electron-forge package`. Installers are made of it by `npm run make` (`scripts/make.ts`), each by
 * itself.
 */
const { ELECTRON_ZIP_DIR: zipFolder } = process.env;

const config: ForgeConfig = {
  packagerConfig: {
    asar: { unpack: '**/*.node' },
    executableName: 'sessionscope',
    appBundleId: 'app.sessionscope.desktop',
    appCategoryType: 'public.app-category.developer-tools',
    appCopyright: 'Copyright Sessionscope contributors, MIT licence',
    icon: writeIcons(path.resolve(import.meta.dirname, '.vite/icons')),
    ...(zipFolder === undefined ? {} : { electronZipDir: zipFolder }),
    ...signing(process.env),
  },
  // better-sqlite3 is a Node-API add-on that ships its own binaries: nothing to rebuild for each Electron version.
  rebuildConfig: { onlyModules: [] },
  makers: [],
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
    // The Vite plugin packages only .vite/: bring the one external (native) module along, for the target platform only,
    // and the commands with their own Node beside the app.
    packageAfterCopy: async (_config, buildPath, _electronVersion, platform, arch) => {
      await copyNativeModule(buildPath, platform, arch);
      await moveMaps(buildPath);
      const resources = path.dirname(buildPath);
      await writeCommands(path.join(resources, 'cli'), platform as NodeJS.Platform, arch);
      await writeNotices(resources);
    },
  },
};
/** Source maps stand beside the app, not in it: `out/maps`. */
async function moveMaps(folder: string): Promise<void> {
  const maps = path.join(import.meta.dirname, 'out/maps');
  await fs.rm(maps, { recursive: true, force: true });
  for (const name of await fs.readdir(folder, { recursive: true })) {
    if (!name.endsWith('.map') || name.startsWith('node_modules')) continue;
    await fs.mkdir(path.dirname(path.join(maps, name)), { recursive: true });
    await fs.copyFile(path.join(folder, name), path.join(maps, name));
    await fs.rm(path.join(folder, name));
  }
}

export default config;
