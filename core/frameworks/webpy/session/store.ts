/**
 * web.py's `Store`, as the session core uses it. `load` and `save` count as use; the debugger's own view of the same
 * places, which never does, is `RecordStore` in `core/model/record.ts`.
 */
export interface Store {
  /** `key in store` */
  contains(id: string): Promise<boolean>;
  /**
   * `store[key]`: the decoded value, whatever it is (a hostile or foreign record need not hold a mapping). Touches the
   * last use. Rejects with a PythonError `KeyError` for an unknown id, and with what decoding raised otherwise.
   */
  load(id: string): Promise<unknown>;
  /** `store[key] = value`: writes the whole mapping, in its order of keys. */
  save(id: string, data: ReadonlyMap<unknown, unknown>): Promise<void>;
  /**
   * The text under which a key that is no text is saved (a record can hold any `session_id`); undefined, or absent: the
   * store takes text only. Throws a PythonError where the database refuses the key.
   */
  keyOf?(id: unknown): string | undefined;
  /** `del store[key]`; an unknown id is fine, except in MemoryStore, which raises `KeyError` as web.py's does. */
  delete(id: string): Promise<void>;
  /** Removes what has not been used for more than `timeout` seconds. */
  cleanup(timeout: number): Promise<void>;
  close?(): Promise<void>;
}

/** Milliseconds since 1970 UTC, fractions allowed. Passed in wherever time matters. */
export type Clock = () => number;
