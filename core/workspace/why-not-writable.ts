import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'is on a read-only file system',
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  ENOTDIR: 'is a file, not a folder',
};

/**
 * Why a folder, or the nearest one above it that exists, takes no files, as a part of a sentence with its path. Undefined
 * when it is writable as far as the system says. SQLite says "unable to open", Node says "no such file" for it.
 */
export function whyNotWritable(folder: string): string | undefined {
  let at = path.resolve(folder);
  while (!existsSync(at) && path.dirname(at) !== at) at = path.dirname(at);
  try {
    if (!statSync(at).isDirectory()) return `${at} ${REASONS['ENOTDIR']}`;
    accessSync(at, constants.W_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return `${at} ${REASONS[code] ?? `cannot be written (${code})`}`;
  }
}
