import type BetterSqlite3 from 'better-sqlite3';
import { problem } from '../model/problem.ts';

export type Database = BetterSqlite3.Database;
export type Statement = BetterSqlite3.Statement<unknown[], unknown>;
export type Row = Record<string, unknown>;
type Constructor = new (file: string, options?: BetterSqlite3.Options) => Database;

/**
 * Loads the native library when it is first needed, not before: a broken build then costs the workspace, not the
 * program. Electron passes the file of its own build in `nativeBinding` (or BETTER_SQLITE3_BINDING).
 */
export async function loadSqlite(
  nativeBinding = process.env['BETTER_SQLITE3_BINDING'],
): Promise<(file: string, options?: BetterSqlite3.Options) => Database> {
  try {
    const loaded = (await import('better-sqlite3')) as unknown as { default: Constructor };
    const Driver = loaded.default;
    return (file, options = {}) =>
      new Driver(file, nativeBinding === undefined || nativeBinding === '' ? options : { ...options, nativeBinding });
  } catch (cause) {
    throw problem('sqlite-missing', 'The SQLite library could not be loaded', {
      remedy: 'Install the program again (npm ci in a checkout)',
      cause,
    });
  }
}

/** SQLite's own name of an error (`SQLITE_BUSY`), or undefined when it is none of SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
