import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { layOut } from './linux-tree.ts';
import { runTool } from './run.ts';
import type { Target } from './target.ts';

/** Debian's names for the kinds of processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', armv7l: 'armhf' };
/** What Electron's program is linked with or opens; `t64` are the names since Ubuntu 24.04 and Debian 13. */
const DEPENDS = [
  'libgtk-3-0 | libgtk-3-0t64',
  'libnss3',
  'libasound2 | libasound2t64',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libdrm2',
  'libgbm1',
  'libnotify4',
  'libxcb-dri3-0',
  'xdg-utils',
];

/** Whom a package names as its maintainer; a release sets its own address. */
const MAINTAINER =
  process.env['SESSIONSCOPE_MAINTAINER'] ?? 'Sessionscope contributors <maintainers@sessionscope.invalid>';

/** A package for Debian and Ubuntu. Made from the finished tree, so that no part of it depends on the tool's own taste. */
export const deb: Target = {
  name: 'deb',
  platforms: ['linux'],
  async make(app, work) {
    const tree = path.join(work, 'tree');
    await layOut(app, tree, 'zsh/vendor-completions');
    const arch = ARCHITECTURES[app.arch] ?? app.arch;
    const sizes = setModes(tree);
    mkdirSync(path.join(tree, 'DEBIAN'));
    writeFileSync(
      path.join(tree, 'DEBIAN/control'),
      `${[
        'Package: sessionscope',
        `Version: ${app.version}`,
        `Architecture: ${arch}`,
        `Maintainer: ${MAINTAINER}`,
        `Installed-Size: ${Math.ceil(sizes / 1024)}`,
        `Depends: ${DEPENDS.join(', ')}`,
        'Recommends: chromium | google-chrome-stable | firefox-esr | firefox',
        'Section: web',
        'Priority: optional',
        'Description: debugger for web sessions',
        " Point a browser through its proxy and see each web session as one live object: the browser's cookie, the",
        " requests that carried it, the record in the server's store, and the decoded data. The commands need no display.",
      ].join('\n')}\n`,
    );
    writeFileSync(path.join(tree, 'DEBIAN/md5sums'), sums(tree, 'md5', '  '));
    const file = path.join(work, `sessionscope_${app.version}_${arch}.deb`);
    const compression = app.fast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6'];
    runTool('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, file], 'install dpkg-dev (Debian)');
    return file;
  },
};

/** Modes as packages have them; the helper of Chromium's sandbox is root's. Gives the bytes of all files. */
export function setModes(tree: string): number {
  let bytes = 0;
  for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(tree, name);
    const stat = lstatSync(file);
    if (stat.isSymbolicLink()) continue;
    if (stat.isDirectory()) chmodSync(file, 0o755);
    else {
      bytes += stat.size;
      chmodSync(file, path.basename(file) === 'chrome-sandbox' ? 0o4755 : stat.mode & 0o100 ? 0o755 : 0o644);
    }
  }
  return bytes;
}

/** A line for each file of a tree: digest, gap, path from the root on; sorted, so that equal trees give equal lists. */
export function sums(tree: string, digest: 'md5' | 'sha256', gap: string): string {
  return readdirSync(tree, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('DEBIAN') && !lstatSync(path.join(tree, name)).isDirectory())
    .sort()
    .map((name) => {
      const file = path.join(tree, name);
      const content = lstatSync(file).isSymbolicLink() ? readlinkSync(file) : readFileSync(file);
      return `${createHash(digest).update(content).digest('hex')}${gap}${name}\n`;
    })
    .join('');
}
