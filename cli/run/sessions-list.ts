import { getAt, parsePath } from '../../core/codec/path.ts';
import { summarise, toPlain } from '../../core/codec/typed.ts';
import type { RecordListing, RecordStore, ScannedRecord } from '../../core/model/record.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { factsOf } from '../../core/registry/record-facts.ts';
import { scanRecords } from '../../core/stores/scan-records.ts';
import { maskStoreUrl } from '../../core/stores/url.ts';
import { type List, type ListOptions, printList } from '../listing.ts';
import { decodeRecord, iso, plainLine, type SessionLine, sessionLine, shortTime, typedLine } from './session-line.ts';
import { withStore } from './with-store.ts';

/** A record of the list. It is decoded when something asks for its data, and once. */
class Row {
  readonly listing: RecordListing;
  readonly #scanned: ScannedRecord;
  #line: SessionLine | undefined;

  constructor(scanned: ScannedRecord) {
    this.listing = scanned.listing;
    this.#scanned = scanned;
  }

  get line(): SessionLine {
    this.#line ??= this.#read();
    return this.#line;
  }

  #read(): SessionLine {
    const { record, listing } = this.#scanned;
    if (record !== undefined) return sessionLine(record, decodeRecord(record), listing.problem);
    const { id, lastUsed, bytes, problem = null } = listing;
    return { id, lastUsed: iso(lastUsed), bytes, layers: [], value: null, error: problem };
  }
}

/** `sessions ls`. */
export const listSessions = (url: string, options: ListOptions): Promise<number> =>
  withStore(url, options, (store) => printList(rowsOf(store), listOf(store), options));

async function* rowsOf(store: RecordStore): AsyncIterable<Row> {
  for await (const scanned of scanRecords(store)) yield new Row(scanned);
}

function listOf(store: RecordStore): List<Row> {
  const ends = store.traits.clock?.name === 'expires';
  const now = Date.now();
  const dataAt = parsePath(store.traits.dataAt ?? '');
  return {
    name: 'sessions',
    columns: [
      { id: 'id', title: 'ID', shrinks: 40, cell: ({ listing }) => listing.id },
      {
        id: 'used',
        title: 'LAST USE',
        cell: ({ listing }) => shortTime(listing.lastUsed) ?? '-',
        key: ({ listing }) => iso(listing.lastUsed),
      },
      ...(ends
        ? [
            {
              id: 'ends',
              title: 'ENDS',
              cell: ({ listing }: Row) => shortTime(listing.expires ?? null) ?? 'never',
              key: ({ listing }: Row) => iso(listing.expires ?? null),
            },
          ]
        : []),
      {
        id: 'bytes',
        title: 'BYTES',
        right: true,
        cell: ({ listing }) => String(listing.bytes),
        key: ({ listing }) => listing.bytes,
      },
      {
        id: 'value',
        title: 'VALUE',
        shrinks: 8,
        cell: ({ line: { id, value, error } }) =>
          value === null ? `! ${error?.message ?? 'unknown format'}` : summarise(withoutId(value, id), 100),
        key: ({ line: { value } }) => (value === null ? null : JSON.stringify(toPlain(value))),
      },
    ],
    fields: {
      text: ({ listing }) => [listing.id],
      texts: { id: ({ listing }) => [listing.id], store: () => [store.traits.kind, maskStoreUrl(store.url)] },
      numbers: {
        size: ({ listing }) => listing.bytes,
        idle: ({ listing }) => (listing.lastUsed === null ? null : now - listing.lastUsed),
        expires: ({ listing }) => (listing.expires == null ? null : listing.expires - now),
      },
      data: ({ line: { value } }) => factsOf(value === null ? null : (getAt(value, dataAt) ?? value)),
    },
    json: ({ line }) => typedLine(line),
    plain: ({ line }) => plainLine(line),
    nothing: `No sessions in ${maskStoreUrl(store.url)}`,
  };
}

/** Some applications keep the id in the data as well: a table that shows it once has more room for the rest. */
function withoutId(value: TypedNode, id: string): TypedNode {
  if (value.t !== 'dict' && value.t !== 'storage') return value;
  return { ...value, v: value.v.filter(([, inner]) => inner.t !== 'str' || inner.v !== id) };
}
