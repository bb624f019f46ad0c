import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { commandTree } from '../../cli/program.ts';
import { completionScript } from '../../cli/run/completion.ts';
import { manualPage } from '../bundle/manual-page.ts';
import { ICON_SIZES, iconFile } from './icons.ts';
import type { PackagedApp } from './target.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** What the program of the window is called in menus, and what a click on its icon does. */
export const DESKTOP = `[Desktop Entry]
Type=Application
Name=Sessionscope
Name[zh_CN]=Sessionscope
GenericName=Web session debugger
GenericName[zh_CN]=网页会话调试器
Comment=See each web session as one live object: cookie, requests, server record and data
Comment[zh_CN]=把每个网页会话看成一个整体：Cookie、请求、服务器记录和数据
Exec=/usr/lib/sessionscope/sessionscope %U
Icon=sessionscope
Terminal=false
StartupWMClass=sessionscope
Categories=Development;WebDevelopment;Debugger;
Keywords=session;cookie;proxy;debugger;http;web;
Actions=practice;new-browser;

[Desktop Action practice]
Name=Practice site
Name[zh_CN]=练习网站
Exec=/usr/lib/sessionscope/sessionscope --practice

[Desktop Action new-browser]
Name=New browser
Name[zh_CN]=新浏览器
Exec=/usr/lib/sessionscope/sessionscope --new-browser
`;

const METAINFO = (version: string) => `<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>app.sessionscope.desktop</id>
  <metadata_license>MIT</metadata_license>
  <project_license>MIT</project_license>
  <name>Sessionscope</name>
  <summary>Debugger for web sessions</summary>
  <description>
    <p>Point a browser through its proxy and see each web session as one live object: the cookie, the requests that carried it, the record in the server's store, and the decoded data. Edit them, test expiry, and learn why a session ended.</p>
  </description>
  <launchable type="desktop-id">sessionscope.desktop</launchable>
  <provides><binary>sessionscope</binary></provides>
  <content_rating type="oars-1.1"/>
  <releases><release version="${version}"/></releases>
</component>
`;

/**
 * Lays an installation out below a folder, as packages of Linux have it (`usr/…`). The shells' completions and the manual
 * page are made from the commands themselves.
 */
export async function layOut(app: PackagedApp, below: string, zshFolder: string): Promise<void> {
  const at = (...parts: string[]): string => {
    const file = path.join(below, 'usr', ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  };
  const zipped = (text: string | Buffer): Buffer => gzipSync(text, { level: 9 });
  cpSync(app.folder, at('lib', 'sessionscope'), { recursive: true });
  mkdirSync(path.join(below, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/sessionscope/resources/cli/bin/sessionscope', at('bin', 'sessionscope'));
  writeFileSync(at('share/applications/sessionscope.desktop'), DESKTOP);
  for (const size of ICON_SIZES.filter((one) => one <= 512)) {
    cpSync(iconFile(size), at(`share/icons/hicolor/${size}x${size}/apps/sessionscope.png`));
  }
  cpSync(path.join(root, 'renderer/public/icon.svg'), at('share/icons/hicolor/scalable/apps/sessionscope.svg'));
  writeFileSync(at('share/metainfo/app.sessionscope.desktop.metainfo.xml'), METAINFO(app.version));
  const program = await commandTree({ version: app.version, pageFolder: '' });
  writeFileSync(at('share/man/man1/sessionscope.1.gz'), zipped(manualPage(program)));
  writeFileSync(at('share/bash-completion/completions/sessionscope'), completionScript(program, 'bash'));
  writeFileSync(at('share', zshFolder, '_sessionscope'), completionScript(program, 'zsh'));
  writeFileSync(at('share/fish/vendor_completions.d/sessionscope.fish'), completionScript(program, 'fish'));
  const doc = 'share/doc/sessionscope';
  writeFileSync(at(doc, 'copyright'), copyright(app.folder));
  writeFileSync(at(doc, 'changelog.gz'), zipped(readFileSync(path.join(root, 'CHANGELOG.md'))));
}

/** The licence of Sessionscope, those of all that is inside, and where Chromium's are. */
function copyright(folder: string): string {
  const text = (file: string): string => readFileSync(path.join(folder, file), 'utf8').trim();
  return [
    text('resources/LICENSE'),
    'It contains Electron (MIT licence) and, with it, Chromium and Node.js; their licences stand in\n/usr/lib/sessionscope/LICENSE and /usr/lib/sessionscope/LICENSES.chromium.html.',
    'It contains Node.js for its commands: https://github.com/nodejs/node/blob/main/LICENSE',
    text('resources/THIRD-PARTY-NOTICES.txt'),
    '',
  ].join(`\n\n${'='.repeat(72)}\n\n`);
}
