import type { PickleLimits } from './limits.ts';

export interface PickleOptions {
  /**
   * How `str` of Python 2 is read, as the argument `encoding` of `pickle.loads`. Default `ASCII`, as web.py does.
   * `utf8` reads each string by itself: as UTF-8 where it is valid, else as Latin-1, so that nothing is refused.
   */
  readonly encoding?: 'ASCII' | 'utf8' | 'latin1' | 'bytes';
  /** Map names of Python 2 below protocol 3 (default true). */
  readonly fixImports?: boolean;
  readonly limits?: PickleLimits;
  /** Stops the reading with a problem of kind `cancelled`. */
  readonly signal?: AbortSignal;
  /**
   * What the program that loads this stream can import. Without it every name is taken as known. `no-module` and
   * `no-name` become the refusal that CPython would give.
   */
  readonly importable?: (module: string, name: string) => 'yes' | 'no-module' | 'no-name';
}
