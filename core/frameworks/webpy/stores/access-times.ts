import fs from 'node:fs';
import path from 'node:path';

/** When reading a file moves its access time: at each read, never, or as Linux does by default. */
export type AccessTimes = 'relatime' | 'strictatime' | 'noatime';

/** How the file system of a folder keeps access times, by Linux' table of mounts; `relatime` where there is none. */
export function accessTimesOf(folder: string): AccessTimes {
  try {
    return accessTimesIn(fs.readFileSync('/proc/self/mountinfo', 'utf8'), fs.realpathSync(folder));
  } catch {
    return 'relatime';
  }
}

/** The same for the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export function accessTimesIn(mountinfo: string, folder: string): AccessTimes {
  let best = '';
  let found: AccessTimes = 'relatime';
  for (const line of mountinfo.split('\n')) {
    const [, , , , point, options] = line.split(' ');
    if (point === undefined || options === undefined) continue;
    const place = point.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const below = path.relative(place, folder);
    if (below === '..' || below.startsWith('../') || place.length < best.length) continue;
    best = place;
    const words = options.split(',');
    found = words.includes('noatime') ? 'noatime' : words.includes('relatime') ? 'relatime' : 'strictatime';
  }
  return found;
}
