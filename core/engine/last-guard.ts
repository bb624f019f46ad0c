import os from 'node:os';
import type { Notice } from '../model/app.ts';
import { setFailureSink } from '../model/failures.ts';
import { maskText, maskUrl } from '../secrets/mask.ts';

/** Set to 1 in test runs: the first failure ends the process with this exit status instead of being survived. */
const STRICT = 'SESSIONSCOPE_STRICT';
const STRICT_STATUS = 70;
/** Different failures that are logged; a fault in a loop must not fill a disk. */
const MOST_LOGGED = 200;
const MOST_DETAILS = 8_000;

export interface LastGuard {
  /** How often something failed, repeated failures included. */
  readonly failures: number;
  /** Calls back for each different failure, with those so far at once. */
  onFailure(listener: (notice: Notice) => void): void;
  /** Takes the guard off the process. */
  remove(): void;
}

/**
 * The last guard of a process: an exception or a rejection that nobody handled is logged once, with its stack, and passed
 * on as a notice; the process keeps running. Every entry point handles its own failures, so whatever arrives here is a bug.
 */
export function installLastGuard(log: (text: string) => void): LastGuard {
  const seen = new Map<string, Notice>();
  const listeners = new Set<(notice: Notice) => void>();
  let failures = 0;

  const take = (error: unknown, where: string): void => {
    failures += 1;
    const stack = stackOf(error);
    if (seen.has(stack) || seen.size >= MOST_LOGGED) return;
    const notice = internalFailure(stack, where);
    seen.set(stack, notice);
    try {
      log(`internal failure (${where}): ${maskText(stack)}`);
    } catch {
      // Nothing to write to.
    }
    if (process.env[STRICT] === '1') process.exit(STRICT_STATUS);
    for (const listener of listeners) {
      try {
        listener(notice);
      } catch {
        // The guard itself must not fail.
      }
    }
  };
  const onException = (error: unknown): void => take(error, 'uncaught exception');
  const onRejection = (error: unknown): void => take(error, 'unhandled rejection');
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  // A terminal that is gone: without these, each line that cannot be written would be a failure that is logged.
  const ignore = (): void => {};
  process.stderr.on('error', ignore);
  const removeSink = setFailureSink(take);

  return {
    get failures() {
      return failures;
    },
    onFailure(listener) {
      for (const notice of seen.values()) listener(notice);
      listeners.add(listener);
    },
    remove() {
      removeSink();
      listeners.clear();
      process.off('uncaughtException', onException);
      process.off('unhandledRejection', onRejection);
      process.stderr.off('error', ignore);
    },
  };
}

/** What the window shows of a failure, with details that can be copied into a report: no secrets, no home folder. */
function internalFailure(stack: string, where: string): Notice {
  return {
    level: 'error',
    kind: 'internal-failure',
    message: 'Something failed inside; what you see may be incomplete',
    details: masked(`${where}\n${stack}`).slice(0, MOST_DETAILS),
  };
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, MOST_DETAILS);
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, 2 * MOST_DETAILS);
}

/** Messages quote what they failed at: addresses and values that look like secrets are masked; lines of code stay. */
function masked(text: string): string {
  const home = os.homedir();
  return text
    .split('\n')
    .map((line) => {
      const plain = home.length > 1 ? line.replaceAll(home, '~') : line;
      if (/^\s+at .*:\d+:\d+\)?$/.test(plain)) return plain;
      return plain
        .replace(/\b[a-z][a-z\d+.-]*:\/\/[^\s'"<>]+/gi, maskUrl)
        .replace(/(?<![\w/~.-])(?=[^\s'"]*\d)[\w+/=.~-]{20,}/g, (word) =>
          /[/\\]/.test(word[0] ?? '') ? word : '[masked]',
        );
    })
    .join('\n');
}
