import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { iconFile } from './icons.ts';
import { DESKTOP, layOut } from './linux-tree.ts';
import { runTool } from './run.ts';
import { Lacking, type Target } from './target.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', armv7l: 'armhf' };

/**
 * What starts in an AppImage. Commands go to their own Node. The window needs Chromium's sandbox: where the system refuses it
 * to programs that are not installed, this says so instead of doing without.
 */
export const APP_RUN = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
app=$here/usr/lib/sessionscope
case \${1-} in
  '' | window) [ $# -gt 0 ] && shift ;;
  --practice | --new-browser) ;;
  *) exec "$app/resources/cli/node" "$app/resources/cli/dist/main.js" "$@" ;;
esac
refused() {
  text="Sessionscope does not start without Chromium's sandbox, and this system refuses it to a program that is not installed: $1. Install the package for your system (.deb, .rpm), or allow it: $2"
  echo "$text" >&2
  for show in 'zenity --error --no-wrap --text' 'kdialog --error' 'xmessage'; do
    command -v "\${show%% *}" >/dev/null 2>&1 && [ -n "\${DISPLAY-}\${WAYLAND_DISPLAY-}" ] && { $show "$text"; break; }
  done
  exit 1
}
# What decides is whether a user namespace can be made with rights inside it, as Chromium does.
if ! unshare --user --map-root-user --net true 2>/dev/null; then
  proc=\${SESSIONSCOPE_PROC:-/proc}
  if [ "$(cat "$proc/sys/kernel/apparmor_restrict_unprivileged_userns" 2>/dev/null)" = 1 ]; then
    refused 'AppArmor restricts user namespaces' 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0'
  elif [ "$(cat "$proc/sys/kernel/unprivileged_userns_clone" 2>/dev/null)" = 0 ]; then
    refused 'user namespaces are switched off' 'sudo sysctl kernel.unprivileged_userns_clone=1'
  elif [ "$(cat "$proc/sys/user/max_user_namespaces" 2>/dev/null)" = 0 ]; then
    refused 'the number of user namespaces is 0' 'sudo sysctl user.max_user_namespaces=10000'
  else
    refused 'no user namespace can be made' 'ask the administrator of this system'
  fi
fi
exec "$app/sessionscope" "$@"
`;

/** One file that runs on any Linux: the runtime that mounts it, and the app behind it. */
export const appImage: Target = {
  name: 'appimage',
  platforms: ['linux'],
  async make(app, work) {
    const arch = ARCHITECTURES[app.arch] ?? app.arch;
    const runtime = process.env['APPIMAGE_RUNTIME'];
    if (runtime === undefined || !existsSync(runtime)) {
      throw new Lacking(
        `the runtime is missing: download runtime-${arch} from github.com/AppImage/type2-runtime/releases and name it by APPIMAGE_RUNTIME`,
      );
    }
    const folder = path.join(work, 'AppDir');
    await layOut(app, folder, 'zsh/site-functions');
    // Root's helper has no effect in a file that a user mounts.
    rmSync(path.join(folder, 'usr/lib/sessionscope/chrome-sandbox'), { force: true });
    writeFileSync(path.join(folder, 'AppRun'), APP_RUN, { mode: 0o755 });
    writeFileSync(path.join(folder, 'sessionscope.desktop'), desktopFile(app.version));
    copyFileSync(iconFile(256), path.join(folder, 'sessionscope.png'));
    symlinkSync('sessionscope.png', path.join(folder, '.DirIcon'));
    const image = path.join(work, 'app.squashfs');
    const compression = app.fast
      ? ['-comp', 'gzip', '-Xcompression-level', '1']
      : ['-comp', 'zstd', '-Xcompression-level', '19'];
    runTool(
      'mksquashfs',
      [folder, image, '-root-owned', '-noappend', '-quiet', '-no-progress', ...compression],
      'install squashfs-tools',
    );
    const file = path.join(work, `sessionscope-${app.version}-${arch}.AppImage`);
    copyFileSync(runtime, file);
    if (statSync(image).size > 2 ** 31) throw new Error('The app is larger than an AppImage can be');
    appendFileSync(file, readFileSync(image));
    chmodSync(file, 0o755);
    return file;
  },
};

/** The entry as a file that is not installed has it: started by its own `AppRun`. */
function desktopFile(version: string): string {
  return DESKTOP.replaceAll('/usr/lib/sessionscope/sessionscope', 'AppRun').replace(
    'Actions=',
    `X-AppImage-Version=${version}\nActions=`,
  );
}
