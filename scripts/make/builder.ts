import path from 'node:path';
import type { Configuration } from 'electron-builder';
import type { PackagedApp, Target } from './target.ts';
import { Lacking } from './target.ts';

/** A placeholder that electron-builder fills in. */
const filled = (name: 'version' | 'arch'): string => `\${${name}}`;

/** What electron-builder is told of both systems; packaging itself was done by Forge. */
export const BUILDER: Configuration = {
  appId: 'app.sessionscope.desktop',
  productName: 'Sessionscope',
  copyright: 'Copyright Sessionscope contributors, MIT licence',
  publish: null,
  nsis: {
    oneClick: false,
    perMachine: false,
    allowToChangeInstallationDirectory: true,
    license: 'LICENSE',
    artifactName: `sessionscope-${filled('version')}-${filled('arch')}-setup.exe`,
  },
  win: { icon: '.vite/icons/icon.ico' },
  dmg: { artifactName: `sessionscope-${filled('version')}-${filled('arch')}.dmg`, sign: false },
  mac: { icon: '.vite/icons/icon.icns', category: 'public.app-category.developer-tools', identity: null },
};

/** An installer for Windows. */
export const nsis: Target = {
  name: 'nsis',
  platforms: ['win32'],
  make: (app, work) => build(app, work, 'nsis', app.folder),
};

/** A disk image for macOS. */
export const dmg: Target = {
  name: 'dmg',
  platforms: ['darwin'],
  make: (app, work) => build(app, work, 'dmg', path.join(app.folder, 'Sessionscope.app')),
};

async function build(app: PackagedApp, work: string, kind: 'nsis' | 'dmg', prepackaged: string): Promise<string> {
  const { Arch, build: make, Platform } = await import('electron-builder');
  const platform = kind === 'nsis' ? Platform.WINDOWS : Platform.MAC;
  const made = await make({
    projectDir: process.cwd(),
    prepackaged,
    targets: platform.createTarget([kind], Arch[app.arch as keyof typeof Arch]),
    publish: 'never',
    config: { extends: null, ...BUILDER, directories: { output: work } },
  });
  const file = made.find((name) => name.endsWith(kind === 'nsis' ? '.exe' : '.dmg'));
  if (file === undefined) throw new Lacking('electron-builder made no file');
  return file;
}
