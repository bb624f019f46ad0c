/*
 * Where failures go that nobody expected: an exception in a timer, in a listener, in a promise that nobody awaits. Each
 * of these entry points reports here and goes on; the last guard of the process (`core/engine/last-guard.ts`) logs it and
 * notifies the window. Without a guard, as in tests, it is thrown on behind everything else and fails the run.
 */

export type FailureSink = (error: unknown, where: string) => void;

let sink: FailureSink | undefined;

/** Sets where failures of this process are reported. Returns how to take that back. */
export function setFailureSink(next: FailureSink): () => void {
  const before = sink;
  sink = next;
  return () => {
    if (sink === next) sink = before;
  };
}

/** Reports what must not happen. `where` names the entry point for the log: `timer of the registry`. Never throws. */
export function reportFailure(error: unknown, where: string): void {
  if (sink !== undefined) {
    sink(error, where);
    return;
  }
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls `work`; what it throws is reported and goes no further. For timers and listeners. */
export function guarded(where: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    reportFailure(error, where);
  }
}

/** Lets a promise go on by itself; what it is rejected with is reported. */
export function inBackground(where: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => reportFailure(error, where));
}
