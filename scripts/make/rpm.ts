import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setModes } from './deb.ts';
import { layOut } from './linux-tree.ts';
import { runTool } from './run.ts';
import type { Target } from './target.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', armv7l: 'armv7hl' };
const REQUIRES = ['gtk3', 'nss', 'alsa-lib', 'at-spi2-core', 'libdrm', 'mesa-libgbm', 'libnotify', 'xdg-utils'];

/** A package for Fedora, openSUSE and their relatives, made by `rpmbuild` from the finished tree. */
export const rpm: Target = {
  name: 'rpm',
  platforms: ['linux'],
  async make(app, work) {
    const tree = path.join(work, 'tree');
    await layOut(app, tree, 'zsh/site-functions');
    setModes(tree);
    const arch = ARCHITECTURES[app.arch] ?? app.arch;
    const spec = path.join(work, 'sessionscope.spec');
    writeFileSync(
      spec,
      `${[
        '%global __os_install_post %{nil}',
        '%global _build_id_links none',
        `%global _binary_payload ${app.fast ? 'w1.gzdio' : 'w6.xzdio'}`,
        'Name: sessionscope',
        `Version: ${app.version.replaceAll('-', '~')}`,
        'Release: 1',
        'Summary: Debugger for web sessions',
        'License: MIT',
        'AutoReqProv: no',
        ...REQUIRES.map((one) => `Requires: ${one}`),
        '%description',
        "Point a browser through its proxy and see each web session as one live object: the browser's cookie, the",
        "requests that carried it, the record in the server's store, and the decoded data.",
        'The commands need no display.',
        '%files',
        '%defattr(-, root, root, -)',
        '/usr/bin/sessionscope',
        '/usr/lib/sessionscope',
        '%attr(4755, root, root) /usr/lib/sessionscope/chrome-sandbox',
        ...filesOf(path.join(tree, 'usr/share')).map((name) => `/usr/share/${name}`),
      ].join('\n')}\n`,
    );
    mkdirSync(path.join(work, 'out'));
    const defines = {
      _topdir: path.join(work, 'rpmbuild'),
      _rpmdir: path.join(work, 'out'),
      _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
    };
    runTool(
      'rpmbuild',
      [
        ...['-bb', '--noclean', '--buildroot', tree, '--target', arch],
        ...Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
        spec,
      ],
      'install rpm (Debian) or rpm-build (Fedora)',
    );
    const made = readdirSync(path.join(work, 'out')).find((name) => name.endsWith('.rpm'));
    if (made === undefined) throw new Error('rpmbuild made no package');
    return path.join(work, 'out', made);
  },
};

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
