import { problem } from '../model/problem.ts';
import { type Database, sqliteCode } from './sqlite.ts';

/**
 * Keeps two processes out of one workspace. The lock is one of the operating system's on a file beside the workspace
 * (taken through SQLite, which knows how on each system), so it ends with the process however that ends.
 * Returns a function that releases it; throws kind `workspace-in-use`.
 */
export function lockWorkspace(
  file: string,
  open: (file: string, options: { timeout: number }) => Database,
): () => void {
  const lock = open(`${file}.lock`, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true) throw error;
    throw problem('workspace-in-use', 'Another Sessionscope is using this workspace', {
      where: file,
      remedy: 'Close the other one, or start with --workspace and another file',
    });
  }
  return () => {
    if (lock.inTransaction) lock.exec('ROLLBACK');
    lock.close();
  };
}
