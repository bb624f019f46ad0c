import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { APP_RUN } from '../../scripts/make/appimage.ts';
import { BUILDER } from '../../scripts/make/builder.ts';
import { ICON_SIZES, writeIcons } from '../../scripts/make/icons.ts';
import { DESKTOP } from '../../scripts/make/linux-tree.ts';
import { signing } from '../../scripts/make/signing.ts';
import { Lacking, type PackagedApp, type Target } from '../../scripts/make/target.ts';
import { chosen, makeTarget, tableOf } from '../../scripts/make.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'make-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const app = (): PackagedApp => ({
  folder,
  platform: 'linux',
  arch: 'x64',
  version: '1.2.3',
  to: path.join(folder, 'made'),
  fast: true,
});
const target = (name: string, make: Target['make']): Target => ({ name, platforms: ['linux'], make });

describe('npm run make', () => {
  it('takes the targets of the system, or those that are named; others are refused by name', () => {
    const names = (platform: NodeJS.Platform) => chosen([], platform).map(({ name }) => name);
    expect(names('linux')).toEqual(['deb', 'rpm', 'appimage', 'zip']);
    expect(names('win32')).toEqual(['zip', 'nsis']);
    expect(names('darwin')).toEqual(['zip', 'dmg']);
    expect(chosen(['rpm']).map(({ name }) => name)).toEqual(['rpm']);
    expect(() => chosen(['snap'])).toThrow(/snap.*deb, rpm/);
  });

  it('makes each target by itself: one that fails leaves nothing behind and takes no other along', async () => {
    const half = target('half', async (_, work) => {
      writeFileSync(path.join(work, 'half.bin'), 'x');
      throw new Error('the disk is full');
    });
    const lacking = target('lacking', async () => {
      throw new Lacking('rpmbuild is missing: install rpm');
    });
    const whole = target('whole', async (_, work) => {
      writeFileSync(path.join(work, 'whole.bin'), 'abc');
      return path.join(work, 'whole.bin');
    });
    const elsewhere: Target = { ...whole, name: 'exe', platforms: ['win32'] };
    const made = [];
    for (const one of [half, lacking, whole, elsewhere]) made.push(await makeTarget(one, app()));
    expect(readdirSync(app().to)).toEqual(['whole.bin']);
    expect(tableOf(made, folder).split('\n')).toEqual([
      'half     failed: the disk is full',
      'lacking  not made: rpmbuild is missing: install rpm',
      'whole    made/whole.bin  0.0 MB  sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'exe      not made: it is made on Windows',
    ]);
  });

  it('writes icons that hold the renderings in their sizes', () => {
    writeIcons(folder);
    const icns = readFileSync(path.join(folder, 'icon.icns'));
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const ico = readFileSync(path.join(folder, 'icon.ico'));
    const count = ico.readUInt16LE(4);
    const last = 6 + 16 * (count - 1);
    expect(ico.readUInt32LE(last + 8) + ico.readUInt32LE(last + 12)).toBe(ico.length);
    for (let at = 0; at < count; at++) {
      const start = ico.readUInt32LE(6 + 16 * at + 12);
      expect(ico.toString('latin1', start + 1, start + 4)).toBe('PNG');
      expect(ICON_SIZES).toContain(ico.readUInt32BE(start + 16));
      expect(ico.readUInt32BE(start + 16) % 256).toBe(ico.readUInt8(6 + 16 * at));
    }
  });

  it('has an entry for menus that the freedesktop tools accept', () => {
    const file = path.join(folder, 'sessionscope.desktop');
    writeFileSync(file, DESKTOP);
    execFileSync('desktop-file-validate', [file], { stdio: 'pipe' });
    expect(DESKTOP).toMatch(/^Actions=practice;new-browser;$/m);
  });

  it('gives electron-builder a configuration that it accepts, for systems whose installers cannot be made here', async () => {
    const log = { add() {} };
    await expect(validateConfiguration(structuredClone(BUILDER), log as never)).resolves.toBeUndefined();
    await expect(
      validateConfiguration({ ...BUILDER, nsis: { oneClik: true } } as never, log as never),
    ).rejects.toThrow();
  });

  it('signs by the environment, and says what is missing of what belongs together', () => {
    expect(signing({})).toEqual({});
    expect(signing({ APPLE_IDENTITY: 'Developer ID' })).toEqual({ osxSign: { identity: 'Developer ID' } });
    expect(() => signing({ APPLE_IDENTITY: 'x', APPLE_API_KEY: 'k' })).toThrow('APPLE_API_KEY_ID');
    const apple = { APPLE_API_KEY: 'k', APPLE_API_KEY_ID: 'i', APPLE_API_ISSUER: 'u' };
    expect(() => signing(apple)).toThrow('APPLE_IDENTITY');
    expect(signing({ ...apple, APPLE_IDENTITY: 'x' }).osxNotarize).toBeDefined();
    expect(signing({ WINDOWS_CERTIFICATE_FILE: 'c.pfx' }).windowsSign).toEqual({ certificateFile: 'c.pfx' });
  });
});

describe("the AppImage's start", () => {
  /** `unshare` and the window's program are stand-ins; what the kernel says stands in files. */
  function appDir(refuses: boolean, kernel: Readonly<Record<string, string>>) {
    const bin = path.join(folder, 'bin');
    const lib = path.join(folder, 'AppDir/usr/lib/sessionscope');
    const script = (file: string, text: string) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${text}\n`);
      chmodSync(file, 0o755);
    };
    script(path.join(bin, 'unshare'), `exit ${refuses ? 1 : 0}`);
    script(path.join(lib, 'sessionscope'), 'echo window "$@"');
    script(path.join(lib, 'resources/cli/node'), 'echo command "$@"');
    for (const [name, value] of Object.entries(kernel)) {
      const file = path.join(folder, 'proc/sys', name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, value);
    }
    writeFileSync(path.join(folder, 'AppDir/AppRun'), APP_RUN);
    chmodSync(path.join(folder, 'AppDir/AppRun'), 0o755);
    return (...words: string[]) =>
      spawnSync(path.join(folder, 'AppDir/AppRun'), words, {
        encoding: 'utf8',
        env: { PATH: `${bin}:/usr/bin:/bin`, SESSIONSCOPE_PROC: path.join(folder, 'proc') },
      });
  }

  it('opens the window with the sandbox, never without', () => {
    const run = appDir(false, {});
    expect(run().stdout).toBe('window\n');
    expect(run('window', '--disable-gpu').stdout).toBe('window --disable-gpu\n');
    expect(run('--practice').stdout).toBe('window --practice\n');
    expect(APP_RUN).not.toContain('no-sandbox');
  });

  it.each([
    [{ 'kernel/apparmor_restrict_unprivileged_userns': '1' }, /AppArmor.*apparmor_restrict_unprivileged_userns=0/],
    [{ 'kernel/unprivileged_userns_clone': '0' }, /switched off.*unprivileged_userns_clone=1/],
    [{ 'user/max_user_namespaces': '0' }, /max_user_namespaces=10000/],
    [{}, /no user namespace can be made/],
  ])('stops with a sentence where no sandbox can be had: %j', (kernel, sentence) => {
    const run = appDir(true, kernel);
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
  });

  it('runs commands on their own Node, with or without a sandbox', () => {
    const run = appDir(true, {});
    expect(run('decode', 'a b').stdout).toMatch(/^command .*\/dist\/main\.js decode a b\n$/);
    expect(run('--version').stdout).toMatch(/^command .*main\.js --version\n$/);
    expect(existsSync(path.join(folder, 'AppDir/AppRun'))).toBe(true);
  });
});
