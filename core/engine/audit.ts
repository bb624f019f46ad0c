import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

/** One change that somebody called for. */
export interface AuditLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who called: `desktop`, `web`, `agent NAME`. */
  readonly caller: string;
  readonly operation: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Kind of the problem where it was not done. */
  readonly problem?: string;
  /** The edit, run, rule, … that it was about or that it made. Nothing that identifies a user stands here. */
  readonly about?: Readonly<Record<string, string>>;
}

export type Audit = (line: AuditLine) => void;

const MOST_BYTES = 5_000_000;
/** Lines are short; the size of the file is looked at that seldom. */
const LINES_BETWEEN = 1_000;

/**
 * Appends to a file, a line of JSON for each change, readable by its owner only. A full file is kept once under
 * `.1`. A file that cannot be written is logged once: the change itself goes on.
 */
export function auditFile(file: string, log: (line: string) => void): Audit {
  let lines = 0;
  let failed = false;
  return (line) => {
    try {
      if (lines % LINES_BETWEEN === 0) makeRoom(file);
      lines += 1;
      appendFileSync(file, `${JSON.stringify({ ...line, at: new Date(line.at).toISOString() })}\n`, { mode: 0o600 });
      failed = false;
    } catch (error) {
      if (!failed) log(`the audit file cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    }
  };
}

function makeRoom(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) renameSync(file, `${file}.1`);
}
