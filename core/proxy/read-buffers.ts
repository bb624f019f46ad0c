import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many bytes of bodies pass before the buffers they were read into are given up. */
const EVERY = 8 << 20;

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Keeps a long download from growing the process: each read of 64 kB is a buffer of its own, and V8 lets some 50 MB of
 * them gather before it looks. They are all young, so a collection of the young generation (well under a millisecond)
 * frees them; where the runtime gives no way to ask for one, nothing is done.
 */
export class ReadBuffers {
  readonly #collect: Collect | undefined;
  #passed = 0;

  constructor(collect = youngCollection()) {
    this.#collect = collect;
  }

  /** Body bytes were passed on. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < EVERY) return;
    this.#passed = 0;
    this.#collect?.({ type: 'minor' });
  }
}

/** V8's own function, without having to start the process with `--expose-gc`. */
function youngCollection(): Collect | undefined {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as Collect;
  } catch {
    return undefined;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
