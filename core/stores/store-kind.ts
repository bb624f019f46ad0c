import type { RecordStore } from '../model/record.ts';
import type { StoreAddress } from './address.ts';
import type { Layouts } from './layout.ts';

/** What a store is opened with. */
export interface OpenContext {
  readonly layouts: Layouts;
  /** Opens a store of this process by name; the frameworks that are simulated here keep such stores. */
  readonly memory: ((name: string, clock: (() => number) | undefined) => RecordStore) | undefined;
  /** Milliseconds since 1970, for a store of this process that is made by this call. */
  readonly clock: (() => number) | undefined;
  /** How often a store without events is looked at (ms), instead of the usual interval. */
  readonly pollMs: number | undefined;
}

/** A kind of store: a folder, and a line in `kinds.ts`. */
export interface StoreKind<A extends StoreAddress = StoreAddress> {
  readonly kinds: readonly A['kind'][];
  /** What a URL begins with, without the colon. */
  readonly schemes: readonly string[];
  /** The form of its URLs, as shown in remedies. */
  readonly form: string;
  /**
   * @param url the whole URL
   * @param scheme in lower case
   * @param base that relative paths count from
   * @throws ProblemError `bad-store-url`, without the password in its text
   */
  parse(url: string, scheme: string, base: string): A;
  /** The canonical URL, password included: `parse(format(a))` is `a`. */
  format(address: A): string;
  /** Short, for lists; `layout` is the title of the layout where it is known. */
  title(address: A, layout: string | undefined): string;
  /** Opens and looks at the place once, so that a wrong path, host or login shows here. @throws ProblemError */
  open(address: A, context: OpenContext): Promise<RecordStore>;
}
