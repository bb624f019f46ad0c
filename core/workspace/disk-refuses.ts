import { type Problem, toProblem } from '../model/problem.ts';
import { sqliteCode } from './sqlite.ts';

/** Full, read-only, failing or held by somebody: worth another try. Anything else would fail again. */
export function diskRefuses(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|NOMEM|CANTOPEN)/.test(sqliteCode(error) ?? '');
}

const REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^SQLITE_FULL/, 'the disk is full'],
  [/^SQLITE_READONLY/, 'the file or its folder is read-only'],
  [/^SQLITE_(BUSY|LOCKED)/, 'another program holds the file'],
  [/^SQLITE_CANTOPEN/, 'the file cannot be opened'],
  [/^SQLITE_IOERR/, 'the disk reports an error'],
  [/^SQLITE_NOMEM/, 'there is not enough memory'],
];

/** Why the disk takes nothing, in words, with SQLite's own behind them. */
export function refusalOf(error: unknown): Problem {
  const code = sqliteCode(error) ?? '';
  const { message } = toProblem(error);
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1];
  return {
    kind: 'workspace-not-saved',
    message: reason === undefined ? message : `${reason} (${message})`,
    remedy: DISK_REMEDY,
  };
}

export const DISK_REMEDY = 'See that the disk has room and the file can be written';
