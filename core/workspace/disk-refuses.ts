import { sqliteCode } from './sqlite.ts';

/** Full, read-only, failing or held by somebody: worth another try. Anything else would fail again. */
export function diskRefuses(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|NOMEM|CANTOPEN)/.test(sqliteCode(error) ?? '');
}
