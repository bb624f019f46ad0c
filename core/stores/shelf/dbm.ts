/**
 * A file of Python's `dbm`, on which `shelve` keeps its values. Keys are text (shelve encodes them as UTF-8), values
 * bytes. Each call looks at the files again when they have changed.
 */
export interface Dbm {
  readonly kind: 'dumb' | 'sqlite' | 'ndbm' | 'gdbm';
  /** The files that make it up. */
  readonly files: readonly string[];
  /** False: only read here. */
  readonly canWrite: boolean;
  entries(): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Writes a value. With `before`, only if that is still what is stored (undefined: nothing). */
  set(key: string, value: Uint8Array, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean>;
  /** False when there was no such key, or another value than `before`. */
  delete(key: string, guard?: { readonly before: Uint8Array | undefined }): Promise<boolean>;
  close(): Promise<void>;
}

export function sameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}

/** Key bytes as text; bytes that are no UTF-8 keep their place as replacement characters. */
export function keyText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
