import { whyNotWritten } from './files.ts';
import { note } from './output.ts';

/*
 * How a command ends that is told to, or that nobody listens to any more. Exit statuses as shells have them: 128 and the
 * number of the signal.
 */

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const BROKEN_PIPE = 128 + 13;

type Signal = keyof typeof SIGNALS;

export interface Endings {
  /** The exit status in place of the command's own; undefined while nothing ended it from outside. */
  readonly status: number | undefined;
}

/**
 * A signal, and a reader of standard output that has gone (`| head`), end the process at once where the command does not
 * itself listen to signals; one that does is told, puts in order what it must, and ends by itself. Either way handlers of
 * `exit` run, which remove what must not stay behind, and nothing is printed.
 */
export function installEndings(): Endings {
  let status: number | undefined;
  const listens = (signal: Signal) => process.listenerCount(signal) > 1;
  for (const [signal, number] of Object.entries(SIGNALS) as [Signal, number][]) {
    process.on(signal, () => {
      if (!listens(signal)) process.exit(128 + number);
    });
  }
  const broken = (error: NodeJS.ErrnoException): void => {
    if (status !== undefined) return;
    status = error.code === 'EPIPE' ? BROKEN_PIPE : 2;
    if (error.code !== 'EPIPE') note(`sessionscope: The output cannot be written: ${whyNotWritten(error)}`);
    if (listens('SIGTERM')) process.emit('SIGTERM');
    else process.exit(status);
  };
  process.stdout.on('error', broken);
  // Notes that nobody reads are not missed; the work goes on.
  process.stderr.on('error', () => {});
  return {
    get status() {
      return status;
    },
  };
}

/**
 * Does work that must not be left half done: a signal that comes meanwhile takes effect when it is finished, a second one
 * at once.
 */
export async function undisturbed<T>(work: () => Promise<T>): Promise<T> {
  let told: Signal | undefined;
  const listeners = (Object.keys(SIGNALS) as Signal[]).map((signal) => {
    const listener = (): void => {
      // Told twice, somebody means it; the log of edits tells the next command what was under way.
      if (told !== undefined) process.exit(128 + SIGNALS[signal]);
      told = signal;
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  try {
    return await work();
  } finally {
    for (const remove of listeners) remove();
    if (told !== undefined) process.kill(process.pid, told);
  }
}
