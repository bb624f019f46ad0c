import path from 'node:path';
import { MakerBase, type MakerOptions } from '@electron-forge/maker-base';
import type { ForgePlatform } from '@electron-forge/shared-types';
import type { Configuration } from 'electron-builder';

export interface ElectronBuilderMakerConfig {
  /** electron-builder's target names for each platform: `{ linux: ['AppImage'], win32: ['nsis'] }`. */
  readonly targets: Partial<Record<ForgePlatform, readonly string[]>>;
  /** Whatever electron-builder takes; packaging itself was done by Forge. */
  readonly config?: Configuration;
}

/**
 * Lets electron-builder make installers of the app that Forge has packaged. electron-builder's own makers for Forge are
 * written for Forge 5 and cannot be loaded by Forge 8.
 */
export class MakerElectronBuilder extends MakerBase<ElectronBuilderMakerConfig> {
  override name = 'electron-builder';
  override defaultPlatforms: ForgePlatform[] = ['linux', 'win32', 'darwin'];

  override isSupportedOnCurrentPlatform(): boolean {
    return this.isInstalled('electron-builder');
  }

  override async make({ dir, makeDir, appName, targetPlatform, targetArch }: MakerOptions): Promise<string[]> {
    const targets = this.config.targets[targetPlatform] ?? [];
    const { Arch, build, Platform } = await import('electron-builder');
    const platform = { linux: Platform.LINUX, win32: Platform.WINDOWS, darwin: Platform.MAC }[targetPlatform as string];
    if (platform === undefined || targets.length === 0) return [];
    const made = await build({
      projectDir: process.cwd(),
      prepackaged: targetPlatform === 'darwin' ? path.join(dir, `${appName}.app`) : dir,
      targets: platform.createTarget([...targets], Arch[targetArch as keyof typeof Arch]),
      publish: 'never',
      config: {
        extends: null,
        ...this.config.config,
        directories: { output: path.join(makeDir, 'electron-builder', targetPlatform, targetArch) },
      },
    });
    return made.filter((file) => !file.endsWith('.blockmap'));
  }
}
