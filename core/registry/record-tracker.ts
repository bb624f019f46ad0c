import { diff } from '../codec/diff.ts';
import { Recent } from '../model/recent.ts';
import type { StoredRecord } from '../model/record.ts';
import type { TypedNode } from '../model/typed.ts';
import type { Occasion } from './carrier-state.ts';
import type { Fates } from './fates.ts';
import { keptDifferences } from './kept-differences.ts';
import type { JoinedRecord, LiveSession } from './live-session.ts';
import type { DecodeValue } from './ports.ts';
import { factsOf, labelOf, member, sharesData, visitorOf } from './record-facts.ts';
import type { SessionWriter } from './session-writer.ts';

/** Lines of a difference that the timeline keeps. */
const MOST_LINES = 200;
/** Values that are compared; of larger ones the timeline says only that they changed. */
const MOST_STEPS = 300_000;
/** Values of records up to this size stay decoded in memory; the others are decoded again when they changed. */
const CACHED_BYTES = 16_384;
const CACHED = 128;

/** A record as it was read for a session. */
export interface RecordSeen {
  readonly key: string;
  readonly storeId: string;
  /** The store in words, for the reasons of the score ("./sessions"). */
  readonly storeTitle: string;
  readonly record: StoredRecord;
  /** Decoded; null when it cannot be. */
  readonly value: TypedNode | null;
  /** The value before, when it was decoded elsewhere. */
  readonly before?: TypedNode | null;
  /** Why it cannot be decoded, where it cannot. */
  readonly whyNot?: string;
  /** How the id led to the record. */
  readonly how: string;
  /** How the store lays its records out, where that is known. */
  readonly layout?: { readonly framework: string; readonly title: string };
  readonly at: number;
  /** The flow that is taken to have caused the change, when one is. */
  readonly flowId?: string;
}

export interface RecordGone {
  readonly key: string;
  readonly at: number;
  /** The flow of this session in which it went, when there was one. */
  readonly flowId?: string;
  /** It was removed from here. */
  readonly byUs?: boolean;
}

/** What became of a record that was looked at. */
export type RecordNews = 'found' | 'same' | 'changed' | 'own-write';

/** Joins sessions with their records and notes what happens to the data. */
export class RecordTracker {
  readonly #writer: SessionWriter;
  readonly #decode: DecodeValue;
  readonly #fates: Fates;
  readonly #occasion: (flowId: string) => Occasion | undefined;
  readonly #values = new Recent<string, TypedNode>(CACHED);
  /** States that we wrote ourselves, by record and snapshot: seeing them is no news. */
  readonly #own = new Recent<string, true>(1_000);

  constructor(
    writer: SessionWriter,
    ports: { decode: DecodeValue; fates: Fates; occasion: (flowId: string) => Occasion | undefined },
  ) {
    this.#writer = writer;
    this.#decode = ports.decode;
    this.#fates = ports.fates;
    this.#occasion = ports.occasion;
  }

  /**
   * Announces bytes that are about to be written from here, so that their appearance is not taken for the server's.
   * No bytes at all announce a removal.
   */
  expect(storeId: string, recordId: string, bytes: Uint8Array): void {
    if (bytes.length === 0) {
      this.#own.set(`${storeId} ${recordId} removed`, true);
      return;
    }
    this.#own.delete(`${storeId} ${recordId} removed`);
    const at = this.#writer.clock();
    const snapshot = this.#writer.archive.putSnapshot({ storeId, recordId, at, lastUsed: null, bytes });
    this.#own.set(`${storeId} ${recordId} ${snapshot}`, true);
  }

  seen(seen: RecordSeen): RecordNews {
    const { key, storeId, record, at } = seen;
    const session = this.#writer.cache.session(key);
    // What another application issued has no record here, whatever its id leads to.
    if (session === undefined || session.foreign !== undefined) return 'same';
    const before = session.record;
    const there = before !== undefined && before.goneAt === undefined;
    // Found in one store, a session stays joined with that one until its record is gone from there.
    if (there && before.storeId !== storeId) return 'same';
    if (
      there &&
      before.id === record.id &&
      before.revision === record.revision &&
      before.lastUsed === record.lastUsed
    ) {
      return 'same';
    }
    const { lastUsed, bytes } = record;
    const snapshot = this.#writer.archive.putSnapshot({ storeId, recordId: record.id, at, lastUsed, bytes });
    const joined: JoinedRecord = {
      storeId,
      id: record.id,
      bytes: bytes.length,
      revision: record.revision,
      lastUsed,
      ...(record.expires === undefined ? {} : { expires: record.expires }),
      snapshot,
      how: seen.how,
      ...(seen.layout === undefined ? {} : { layout: seen.layout }),
      store: seen.storeTitle,
      decoded: seen.value !== null || (before?.decoded === true && before.storeId === storeId),
      ...inner(seen.value, record.id),
    };
    const news = this.#news(session, joined, seen);
    this.#remember(snapshot, bytes.length, seen.value);
    this.#keep(session, joined, seen, news);
    return news;
  }

  #news(session: LiveSession, joined: JoinedRecord, seen: RecordSeen): RecordNews {
    const { storeId, record, at, flowId, value } = seen;
    const before = session.record;
    const flow = flowId === undefined ? {} : { flowId };
    const own = this.#own.get(`${storeId} ${record.id} ${joined.snapshot}`) === true;
    if (before === undefined || before.goneAt !== undefined || before.id !== record.id) {
      this.#own.delete(`${storeId} ${record.id} removed`);
      this.#writer.note(session.key, { kind: 'record-found', at, ...flow, snapshot: joined.snapshot });
      return own ? 'own-write' : 'found';
    }
    if (before.snapshot === joined.snapshot) return 'same';
    if (own) {
      this.#own.delete(`${storeId} ${record.id} ${joined.snapshot}`);
      return 'own-write';
    }
    const old = seen.before === undefined ? this.#valueOf(before.snapshot) : seen.before;
    if (old === null && value === null) return 'changed';
    const none: TypedNode = { t: 'none' };
    const differences = keptDifferences(diff(old ?? none, value ?? none, { max: MOST_LINES, steps: MOST_STEPS }));
    if (differences.length > 0) {
      const { snapshot } = joined;
      this.#writer.note(session.key, {
        kind: 'data-changed',
        at,
        ...flow,
        differences,
        snapshot,
        before: before.snapshot,
      });
    }
    return 'changed';
  }

  #keep(session: LiveSession, record: JoinedRecord, seen: RecordSeen, news: RecordNews): void {
    const { value, at, flowId } = seen;
    const before = session.record;
    // A record that is there again (an undo, a late write of another request) means that the session is alive again.
    const there = this.#fates.recordThere(session, at, flowId);
    // What could be read before, or what the application fails on, is broken; other formats are only not known here.
    const isBroken = value === null && (before?.decoded === true || (session.lastStatus ?? 0) >= 500);
    const message = seen.whyNot ?? 'It cannot be decoded';
    const state = isBroken ? this.#fates.unreadable({ ...there, record }, at, flowId, message) : there;
    const { label: _l, visitor: _v, ...rest } = state;
    const label = labelOf(value);
    const visitor = visitorOf(value);
    const carrier = this.#writer.cache.carrier(session.host, session.carrier);
    const found = carrier.foundInStore === undefined ? { ...carrier, foundInStore: seen.storeTitle } : carrier;
    this.#writer.cache.putCarrier(found, at);
    if (news !== 'same') this.#writer.archive.putData(session.key, factsOf(value));
    const saved = this.#writer.save({
      ...rest,
      ...this.#writer.score(found),
      record,
      ...(label === undefined ? {} : { label }),
      ...(visitor === undefined ? {} : { visitor }),
    });
    if (before === undefined && saved.follows !== undefined) this.#followed(saved, value);
  }

  /** The first look at the record of a session that took another's place tells whether it is the same visitor's. */
  #followed(session: LiveSession, value: TypedNode | null): void {
    const old = this.#writer.cache.session(session.follows ?? '');
    const past = old?.record === undefined ? null : this.#valueOf(old.record.snapshot);
    this.#fates.followed(session, sharesData(past, value));
  }

  /** The record is no longer there: by whom, and in which state that leaves the session, follows from what was seen. */
  gone({ key, at, flowId: seenIn, byUs = false }: RecordGone): void {
    const session = this.#writer.cache.session(key);
    if (session?.record === undefined || session.record.goneAt !== undefined) return;
    const { storeId, id, snapshot } = session.record;
    const ours = byUs || this.#own.get(`${storeId} ${id} removed`) === true;
    const flowId = ours ? undefined : seenIn;
    const flow = flowId === undefined ? {} : { flowId };
    this.#writer.note(key, { kind: 'record-gone', at, ...flow, snapshot });
    const occasion = flowId === undefined ? undefined : this.#occasion(flowId);
    const lost = { at, byUs: ours, ...flow, ...(occasion === undefined ? {} : { occasion }) };
    const state = this.#fates.recordGone(session, lost);
    this.#writer.save({ ...state, record: { ...session.record, goneAt: at } });
  }

  /** The bytes of the state before, when they are so many that decoding them is noticed. */
  largeBefore(key: string): Uint8Array | undefined {
    const record = this.#writer.cache.session(key)?.record;
    if (record === undefined || record.goneAt !== undefined || record.bytes <= CACHED_BYTES) return undefined;
    return this.#writer.archive.snapshot(record.snapshot)?.bytes;
  }

  /** The decoded value of a kept state; null when it is not kept or cannot be decoded. */
  #valueOf(snapshot: string): TypedNode | null {
    const known = this.#values.get(snapshot);
    if (known !== undefined) return known;
    const state = this.#writer.archive.snapshot(snapshot);
    return state === undefined ? null : this.#decode(state.bytes);
  }

  #remember(snapshot: string, bytes: number, value: TypedNode | null): void {
    if (value !== null && bytes <= CACHED_BYTES) this.#values.set(snapshot, value);
  }
}

/** web.py goes on under the id inside the data, whatever the record is called. */
function inner(value: TypedNode | null, recordId: string): { innerId?: string } {
  const node = member(value, 'session_id');
  return node?.t === 'str' && node.v !== '' && node.v !== recordId.trimEnd() ? { innerId: node.v } : {};
}
