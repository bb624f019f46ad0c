import path from 'node:path';
import { runTool } from './run.ts';
import type { Target } from './target.ts';

/** The app as it is, in one folder, for every system. */
export const zip: Target = {
  name: 'zip',
  platforms: ['linux', 'darwin', 'win32'],
  async make({ folder, platform, arch, version, fast }, work) {
    const file = path.join(work, `sessionscope-${version}-${platform}-${arch}.zip`);
    const [parent, name] = [path.dirname(folder), path.basename(folder)];
    if (platform === 'win32') {
      const command = `Compress-Archive -Path '${folder}' -DestinationPath '${file}'`;
      runTool('powershell.exe', ['-NoProfile', '-Command', command], 'it is part of Windows');
    } else if (platform === 'darwin') {
      runTool('ditto', ['-c', '-k', '--sequesterRsrc', '--keepParent', folder, file], 'it is part of macOS');
    } else runTool('zip', ['-qry', fast ? '-1' : '-9', file, name], 'install zip', parent);
    return file;
  },
};
