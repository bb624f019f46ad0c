import { createHash } from 'node:crypto';
import { guessStoreUrl, openRecordStore } from '../frameworks/stores.ts';
import type { RecordRow, StoreInfo } from '../model/app.ts';
import { inBackground } from '../model/failures.ts';
import { type Problem, problem, toProblem } from '../model/problem.ts';
import {
  comparedClock,
  type RecordListing,
  type RecordPage,
  type RecordPageQuery,
  type RecordStore,
} from '../model/record.ts';
import { maskStoreUrl, parseStoreUrl, titleOf } from '../stores/url.ts';

interface Attached {
  readonly store: RecordStore;
  readonly title: string;
  records: number | null;
  changes: number;
  problem: Problem | null;
  /** A count that is due, and how long the last one took (ms). */
  due: NodeJS.Timeout | undefined;
  took: number;
  stop: () => void;
}

/** Changes are gathered for so long before the records are counted again (ms), and longer where counting is slow. */
const GATHER_MS = 500;
const COUNTING_SHARE = 20;

export interface StoreServiceOptions {
  /** A store was attached, detached, or is in another state. */
  readonly changed: () => void;
}

/** A store as it is attached. */
export interface AttachedStore {
  readonly storeId: string;
  readonly store: RecordStore;
  readonly title: string;
}

/** Uses attached stores: joins records, makes scratch copies. */
export interface StoreUser {
  attached(store: AttachedStore): void;
  /** Must release the store: it is closed when every user has. */
  detached(storeId: string): void | Promise<void>;
}

/** The attached stores, by ids that stay the same for the same place. */
export class StoreService {
  readonly #options: StoreServiceOptions;
  readonly #attached = new Map<string, Attached>();
  readonly #users: StoreUser[] = [];
  readonly #offered = new Map<string, string>();

  constructor(options: StoreServiceOptions) {
    this.#options = options;
  }

  /** Stores that were found for the user: `attach` takes their addresses, so that no password leaves the engine. */
  offer(urls: ReadonlyMap<string, string>): void {
    for (const [address, url] of urls) this.#offered.set(address, url);
  }

  /**
   * Opens a store by URL, or by the path of a folder or file. Attaching the same place again gives the same store.
   * @returns its id
   * @throws ProblemError that says what to do
   */
  async attach(address: string): Promise<string> {
    const text = address.trim();
    if (text === '') {
      throw problem('bad-store-url', 'Nothing was given to attach', {
        remedy: 'Paste a store URL or the path of a folder or database file.',
      });
    }
    const url = this.#offered.get(text) ?? (await guessStoreUrl(text));
    const storeId = idOf(url);
    const known = this.#attached.get(storeId);
    if (known !== undefined) return storeId;
    const store = await openRecordStore(url);
    const attached: Attached = {
      store,
      title: titleOf(parseStoreUrl(url), store.layout?.title),
      records: null,
      changes: 0,
      problem: null,
      due: undefined,
      took: 0,
      stop: () => {},
    };
    this.#attached.set(storeId, attached);
    attached.stop = store.watch(() => this.#changed(storeId, attached));
    this.#options.changed();
    inBackground('counting records', this.count(storeId));
    for (const user of this.#users) user.attached({ storeId, store, title: attached.title });
    return storeId;
  }

  /** Tells of every store that is attached or detached from now on. */
  use(user: StoreUser): void {
    this.#users.push(user);
  }

  async detach(storeId: string): Promise<void> {
    for (const user of this.#users) await user.detached(storeId);
    const attached = this.#attached.get(storeId);
    this.#attached.delete(storeId);
    end(attached);
    await attached?.store.close();
    this.#options.changed();
  }

  /** @throws ProblemError `not-found` */
  get(storeId: string): RecordStore {
    const attached = this.#attached.get(storeId);
    if (attached === undefined) {
      throw problem('not-found', 'That store is not attached any more', { remedy: 'Attach it again.' });
    }
    return attached.store;
  }

  has(storeId: string): boolean {
    return this.#attached.has(storeId);
  }

  get size(): number {
    return this.#attached.size;
  }

  /** URLs with passwords, to attach them again at the next start. */
  urls(): string[] {
    return [...this.#attached.values()].map(({ store }) => store.url);
  }

  setProblem(storeId: string, wrong: Problem | null): void {
    const attached = this.#attached.get(storeId);
    if (attached === undefined) return;
    attached.problem = wrong;
    this.#options.changed();
  }

  list(): StoreInfo[] {
    return [...this.#attached].map(([storeId, { store, title, records, changes, problem: wrong }]) => ({
      storeId,
      url: maskStoreUrl(store.url),
      kind: store.traits.kind,
      title,
      canWrite: store.traits.canWrite,
      canAge: store.traits.canAge || store.traits.clock?.name === 'expires',
      watch: watchText(store),
      records,
      changes,
      ...(wrong === null ? {} : { problem: wrong }),
    }));
  }

  /** Counts the records; a store that cannot be listed says why in its line. */
  async count(storeId: string): Promise<void> {
    const attached = this.#attached.get(storeId);
    if (attached === undefined) return;
    const began = performance.now();
    let records = 0;
    try {
      if (attached.store.count === undefined) for await (const _ of attached.store.list()) records += 1;
      else records = await attached.store.count();
      attached.problem = null;
      attached.records = records;
    } catch (error) {
      attached.problem = toProblem(error);
    }
    attached.took = performance.now() - began;
    if (this.#attached.get(storeId) === attached) this.#options.changed();
  }

  /** The store says that something in it changed: it is counted again, once for a burst of changes. */
  #changed(storeId: string, attached: Attached): void {
    attached.due ??= setTimeout(
      () => {
        attached.due = undefined;
        attached.changes += 1;
        inBackground('counting records', this.count(storeId));
      },
      Math.max(GATHER_MS, attached.took * COUNTING_SHARE),
    ).unref();
  }

  /** A page of the records, last used first. */
  async records(
    storeId: string,
    page: { filter?: string; offset: number; limit: number },
    describe: (row: RecordListing) => Partial<RecordRow> | Promise<Partial<RecordRow>>,
  ): Promise<{ rows: RecordRow[]; total: number }> {
    const store = this.get(storeId);
    const found = await (store.page?.(page) ?? pageOfList(store, page));
    const attached = this.#attached.get(storeId);
    if (attached !== undefined && (page.filter ?? '') === '') attached.records = found.total;
    const rows: RecordRow[] = [];
    for (const row of found.rows) {
      rows.push({
        id: row.id,
        lastUsed: row.lastUsed,
        ...(row.expires === undefined ? {} : { expires: row.expires }),
        bytes: row.bytes,
        ...(row.problem === undefined ? {} : { problem: row.problem }),
        ...(await describe(row)),
      });
    }
    return { rows, total: found.total };
  }

  async close(): Promise<void> {
    const stores = [...this.#attached.values()];
    this.#attached.clear();
    for (const attached of stores) end(attached);
    await Promise.allSettled(stores.map(({ store }) => store.close()));
  }
}

/** A page of a store that can only be listed as a whole. */
async function pageOfList(store: RecordStore, { filter, offset, limit }: RecordPageQuery): Promise<RecordPage> {
  const wanted = filter?.toLowerCase() ?? '';
  const found: RecordListing[] = [];
  for await (const row of store.list()) {
    if (wanted === '' || row.id.toLowerCase().includes(wanted)) found.push(row);
  }
  found.sort((a, b) => (comparedClock(store, b) ?? 0) - (comparedClock(store, a) ?? 0));
  return { rows: found.slice(offset, offset + limit), total: found.length };
}

function end(attached: Attached | undefined): void {
  clearTimeout(attached?.due);
  attached?.stop();
}

function idOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 12);
}

function watchText({ traits: { watch } }: RecordStore): string {
  if (watch.how === 'events') return 'changes are seen at once';
  return watch.how === 'poll' ? `looked at every ${watch.pollMs / 1000} s` : 'looked at when asked';
}
