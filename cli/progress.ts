import { visible } from '../core/model/visible.ts';

/** How far a command is. */
export interface Progress {
  /** Writes over what was shown before. */
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

/** Sooner than this, nobody looks (ms). */
const PATIENCE_MS = 400;

/**
 * One line on standard error that is written over, where somebody looks: on a terminal.
 * @param patience milliseconds in which nothing is shown; none for work of few and long steps
 */
export function progressLine(
  patience: number = PATIENCE_MS,
  stream: NodeJS.WriteStream = process.stderr,
  clock: () => number = Date.now,
): Progress {
  if (stream.isTTY !== true) return { show: () => {}, clear: () => {} };
  const begun = clock();
  let shown = false;
  return {
    show(text) {
      if (clock() - begun < patience) return;
      shown = true;
      stream.write(`\r\u001b[K${visible(text).slice(0, (stream.columns || 80) - 1)}`);
    },
    clear() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
