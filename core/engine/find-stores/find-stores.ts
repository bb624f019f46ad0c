import { createHash } from 'node:crypto';
import { guessStoreUrls, LAYOUTS, openRecordStore } from '../../frameworks/stores.ts';
import type { FoundStore, StoreSearch } from '../../model/found-store.ts';
import { problem, toProblem } from '../../model/problem.ts';
import type { RecordStore } from '../../model/record.ts';
import type { TypedNode } from '../../model/typed.ts';
import { parseUrl } from '../../model/web-address.ts';
import { joinRecord, possibleIds, type Seen } from '../../registry/record-match.ts';
import { maskStoreUrl } from '../../stores/url.ts';
import { placesOf } from './places.ts';
import type { ProcessSource } from './process-source.ts';

/** Most records that are named, and most places that are opened. */
const FIRST = 5;
const MOST_PLACES = 120;
/** A server that does not answer for so long is given up (ms). */
const PATIENCE_MS = 8_000;

/** A session whose record is looked for. */
export interface Wanted extends Seen {
  readonly decoded?: TypedNode | null;
}

/** What is found, and the URLs behind the addresses, passwords included. */
export interface FoundStores {
  readonly search: StoreSearch;
  readonly urls: ReadonlyMap<string, string>;
}

/**
 * Looks for the stores of the application at an origin of this computer: who listens there, to which places that process
 * points, and whether records of sessions lie in them. Nothing is attached, nothing is executed, and nothing is opened that
 * the user may not read.
 * @param session the session whose record should be there, with what its value was decoded to
 * @throws ProblemError `bad-url` for an address that is none, or not of this computer
 */
export async function findStores(origin: string, source: ProcessSource, session?: Wanted): Promise<FoundStores> {
  const processes = await source.listeners(portOf(origin));
  const notes: string[] = [];
  if (processes.length === 0) {
    notes.push(
      'No process can be seen that listens there: it runs as another user, in another container or on another computer, or not at all. Attach its store by hand.',
    );
  }
  const reasons = new Map<string, Set<string>>();
  const named = new Set<string>();
  const unusable = new Map<string, FoundStore>();
  for (const place of processes.flatMap(placesOf).slice(0, MOST_PLACES)) {
    for (const url of await urlsOf(place.url, unusable, place.reason)) {
      if (place.named) named.add(url);
      reasons.set(url, (reasons.get(url) ?? new Set()).add(place.reason));
    }
  }
  const urls = new Map<string, string>();
  const stores: FoundStore[] = [];
  for (const [url, why] of reasons) {
    const address = `found:${createHash('sha256').update(url).digest('hex').slice(0, 16)}`;
    const found = await lookInLayouts({ url, address, reasons: [...why], named: named.has(url) }, session, urls);
    if (found === undefined) continue;
    stores.push(found);
  }
  if (session !== undefined && stores.some(({ contains, records }) => contains === null && records !== 0)) {
    notes.push(
      'The value of this session shows no id that could name a record: it is sealed. Add the key with which the application seals it, then look again.',
    );
  }
  stores.push(...unusable.values());
  stores.sort((a, b) => rank(b) - rank(a));
  return {
    search: {
      processes: processes.map(({ pid, argv, cwd }) => ({ pid, command: withoutPasswords(argv), cwd })),
      stores,
      notes,
    },
    urls,
  };
}

function portOf(origin: string): number {
  const url = parseUrl(origin);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw problem('bad-url', `${JSON.stringify(origin)} is no address of a web application`, {
      remedy: 'Write it as http://127.0.0.1:8080',
    });
  }
  if (!/^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(url.hostname)) {
    throw problem('bad-url', `${url.host} is not on this computer, so that its process cannot be seen`, {
      remedy: 'Attach its store by URL',
    });
  }
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/** The stores at a place; none where there is nothing to attach. A URL that cannot be read is shown with the reason. */
async function urlsOf(place: string, unusable: Map<string, FoundStore>, reason: string): Promise<string[]> {
  try {
    return (await guessStoreUrls(place)).map(({ url }) => url);
  } catch (error) {
    if (!/^[a-z+]+:\/\//.test(place)) return [];
    const url = maskStoreUrl(place);
    unusable.set(url, {
      address: '',
      url,
      layout: null,
      reasons: [reason],
      records: null,
      first: [],
      contains: null,
      problem: toProblem(error),
    });
    return [];
  }
}

/** As `look`; on a Redis server that several applications share the layout that has the session is the one. */
async function lookInLayouts(
  place: Parameters<typeof look>[0],
  session: Wanted | undefined,
  urls: Map<string, string>,
): Promise<FoundStore | undefined> {
  const found = await look(place, session);
  urls.set(place.address, place.url);
  const isShared =
    place.url.startsWith('redis') &&
    found !== undefined &&
    found.contains !== true &&
    !/[?&](as|prefix)=/.test(place.url);
  if (!isShared) return found;
  for (const { id } of LAYOUTS.keys) {
    const url = `${place.url}${place.url.includes('?') ? '&' : '?'}as=${id}`;
    const other = await look({ ...place, url }, session);
    if (other?.contains !== true) continue;
    urls.set(place.address, url);
    return other;
  }
  return found;
}

/** Undefined for a place that shows no sign of sessions. */
async function look(
  place: {
    readonly url: string;
    readonly address: string;
    readonly reasons: readonly string[];
    readonly named: boolean;
  },
  session: Wanted | undefined,
): Promise<FoundStore | undefined> {
  const { url, address, reasons, named } = place;
  const common = { address, url: maskStoreUrl(url), reasons };
  let store: RecordStore | undefined;
  try {
    store = await within(openRecordStore(url), (late) => late.close());
    const first: string[] = [];
    const records = await countOf(store, first);
    // A folder is a store of sessions by its files; an empty one only if a setting names it.
    const byContent = store.traits.kind === 'disk' || store.traits.kind === 'redis';
    if (store.layout === undefined && byContent && !named) return undefined;
    const contains = session === undefined ? null : await containsRecord(store, session);
    if (store.layout === undefined && contains !== true && first.length > 0) return undefined;
    return { ...common, layout: store.layout?.title ?? null, records, first, contains, problem: null };
  } catch (error) {
    // A file that was only looked at because it is there is no store; a server that a setting names is one that fails.
    if (/^(disk|sqlite|shelf):/.test(url)) return undefined;
    return { ...common, layout: null, records: null, first: [], contains: null, problem: toProblem(error) };
  } finally {
    await store?.close().catch(() => {});
  }
}

/** Null where the session's value shows no id that could name a record here: it is sealed, and no key opens it. */
async function containsRecord(store: RecordStore, { decoded = null, ...session }: Wanted): Promise<boolean | null> {
  if (possibleIds(session, decoded, store.layout).length === 0) return null;
  return (await within(joinRecord(store, session, decoded))) !== undefined;
}

async function countOf(store: RecordStore, first: string[]): Promise<number | null> {
  if (store.page !== undefined) {
    const { rows, total } = await within(store.page({ offset: 0, limit: FIRST }));
    first.push(...rows.map(({ id }) => id));
    return total;
  }
  for await (const { id } of store.list()) {
    first.push(id);
    if (first.length === FIRST) return store.count === undefined ? null : await within(store.count());
  }
  return first.length;
}

/** @param drop what is done with an answer that comes too late */
async function within<T>(work: Promise<T>, drop?: (late: T) => Promise<void>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  work.then((late) => (isLate ? drop?.(late) : undefined)).catch(() => {});
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(problem('store-unreachable', 'It did not answer in time', { remedy: 'Attach it by hand' }));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const rank = (one: FoundStore): number =>
  (one.contains === true ? 8 : 0) +
  (one.problem === null ? 4 : 0) +
  (one.layout === null ? 0 : 2) +
  (one.records ? 1 : 0);

/** A command line is shown without the passwords of its URLs. */
const withoutPasswords = (argv: readonly string[]): string =>
  argv.map((word) => (/^[^=]*?[a-z+]+:\/\//i.test(word) ? maskStoreUrl(word) : word)).join(' ');
