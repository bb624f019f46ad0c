import { guarded } from '../model/failures.ts';
import { type Problem, toProblem } from '../model/problem.ts';
import { Recent } from '../model/recent.ts';
import type { RecordStore, StoredRecord } from '../model/record.ts';
import type { TypedNode } from '../model/typed.ts';
import { holdsData } from './carrier-state.ts';
import type { JoinedRecord, LiveSession } from './live-session.ts';
import { ReadQueue } from './read-queue.ts';
import { joinRecord, type Match, possibleIds } from './record-match.ts';
import type { Registry } from './registry.ts';

export interface RecordWatchOptions {
  readonly registry: Registry;
  readonly clock: () => number;
  /** Brings the registry up to date: a change may be known before the flow that made it. */
  readonly beforeLooking?: () => void;
  /** Decodes a record's bytes; null when it cannot be. Never throws. */
  readonly decode: (record: StoredRecord, storeId: string) => TypedNode | null | Promise<TypedNode | null>;
  /** Decodes the bytes of an earlier state; without it the registry's own decoding is used, in this thread. */
  readonly decodeBefore?: (storeId: string, id: string, bytes: Uint8Array) => Promise<TypedNode | null>;
  /** Decodes a cookie's raw value, to find an id inside it. */
  readonly decodeCookie?: (raw: string, session: LiveSession) => TypedNode | null;
  /** A record was changed by somebody else, as far as can be told in this flow. */
  readonly onChanged?: (change: { storeId: string; record: StoredRecord; flowId?: string }) => void;
  /** A store could not be read; told once until it can be again. */
  readonly onProblem?: (storeId: string, problem: Problem | null) => void;
  /** A change that becomes known by itself so long after a flow's end (ms) is still put down to it (default 400). */
  readonly windowMs?: number;
  /** A session's record is read at most so often (ms; default 40). */
  readonly spacingMs?: number;
}

/** What the engine gives: everything but the tunings. A port that is forgotten does not compile. */
export type RecordWatchPorts = Required<Omit<RecordWatchOptions, 'windowMs' | 'spacingMs'>>;

interface Attached {
  readonly store: RecordStore;
  readonly title: string;
  stop: () => void;
  failing: boolean;
}

interface Last {
  readonly flowId: string;
  readonly at: number;
}

/** How many sessions are looked at again when a store says only that something changed. */
const MOST_AGAIN = 500;
/** So long a change that becomes known in the middle of a flow waits for the flow's answer. */
const PATIENCE_MS = 2_000;
/** So long a change that becomes known by itself waits, for the flow that may have made it to become known too. */
const SETTLE_MS = 100;

/**
 * Reads the records of live sessions: after each answer and each flow's end, when a store tells of a change, and when
 * a store is attached. Reads of one session are gathered, so that a burst of requests costs few reads; a change is put
 * down to the session's own flow that ended last. Reading never counts as use (the stores see to that).
 */
export class RecordWatch {
  readonly #options: RecordWatchOptions;
  readonly #stores = new Map<string, Attached>();
  readonly #queue: ReadQueue;
  readonly #lastFlow = new Map<string, Last>();
  readonly #decoded = new Recent<string, { readonly value: TypedNode | null }>(300);
  #closed = false;

  constructor(options: RecordWatchOptions) {
    this.#options = options;
    this.#queue = new ReadQueue({
      read: (key, after) => this.#read(key, after),
      onError: (error) => options.onProblem?.(this.storeIds[0] ?? '', toProblem(error)),
      spacingMs: options.spacingMs ?? 40,
    });
  }

  /** Ids of the stores that are attached. */
  get storeIds(): readonly string[] {
    return [...this.#stores.keys()];
  }

  /** Joins sessions with this store from now on; those already known are looked up at once. */
  attach(storeId: string, store: RecordStore, title: string): void {
    this.detach(storeId);
    const attached: Attached = { store, title, stop: () => {}, failing: false };
    this.#stores.set(storeId, attached);
    const stop = store.watch((ids) => guarded('watch of a store', () => this.#changed(storeId, ids)));
    attached.stop = stop;
    const { watch } = store.traits;
    if (watch.how === 'poll') {
      // What changes before a polled store has taken its first look would go unnoticed, so look again after it.
      const again = setTimeout(
        () => guarded('watch of a store', () => this.#changed(storeId, undefined)),
        watch.pollMs * 2 + 100,
      );
      attached.stop = () => {
        clearTimeout(again);
        stop();
      };
    }
    this.#options.registry.wake(MOST_AGAIN);
    for (const session of this.#options.registry.hot()) {
      if (session.record === undefined || session.record.goneAt !== undefined) this.#queue.ask(session.key);
      else if (session.record.storeId === storeId) this.#queue.ask(session.key);
    }
  }

  /** The store itself is not closed. What was joined stays as last seen. */
  detach(storeId: string): void {
    this.#stores.get(storeId)?.stop();
    this.#stores.delete(storeId);
  }

  /** A flow of these sessions was answered or has ended: their records are read. */
  flowSeen(flowId: string, keys: readonly string[]): void {
    const at = this.#options.clock();
    for (const key of keys) this.#lookInside(key, flowId, at);
    if (this.#stores.size === 0) return;
    for (const key of keys) {
      this.#lastFlow.delete(key);
      this.#lastFlow.set(key, { flowId, at });
      this.#queue.ask(key, 0, flowId);
    }
    trim(this.#lastFlow);
  }

  /** A value that holds the data itself is decoded when it has changed. */
  #lookInside(key: string, flowId: string, at: number): void {
    const session = this.#options.registry.get(key);
    if (session === undefined || session.foreign !== undefined) return;
    // `Authorization: Bearer …` has the token behind the scheme.
    const raw = session.carrier.kind === 'header' ? session.id : session.raw;
    if (session.inside?.raw === raw || session.record !== undefined || !session.shown || !holdsData(raw)) return;
    const value = this.#decodeCookie(raw, session);
    if (value === null) return;
    const before = session.inside === undefined ? null : this.#decodeCookie(session.inside.raw, session);
    this.#options.registry.insideSeen({ key, raw, value, before, at, flowId });
  }

  /** Decoding tries many layers, and the same values come with each request. */
  /** What a value of a session's cookie decodes to with the keys that are known; null where it does not. */
  valueIn(raw: string, session: LiveSession): TypedNode | null {
    return this.#decodeCookie(raw, session);
  }

  #decodeCookie(raw: string, session: LiveSession): TypedNode | null {
    // Name and host take part: the keys of the site, and the name in some signatures.
    const name = `${session.host} ${JSON.stringify(session.carrier)} ${raw}`;
    let known = this.#decoded.get(name);
    if (known === undefined) {
      known = { value: this.#options.decodeCookie?.(raw, session) ?? null };
      this.#decoded.set(name, known);
    }
    return known.value;
  }

  /** Keys have come or gone: what was decoded with the others counts no more. */
  forgetDecoded(): void {
    this.#decoded.clear();
  }

  /** Decodes the value of a session again, which could not be read before. */
  lookAgain(key: string): void {
    const session = this.#options.registry.get(key);
    if (session?.lastFlow !== undefined) this.#lookInside(key, session.lastFlow, this.#options.clock());
  }

  /** Reads a session's record now; for an edit that wants to show its effect. */
  refresh(key: string): Promise<void> {
    return this.#queue.now(key);
  }

  /** Resolves when nothing is left to be read. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  close(): void {
    this.#closed = true;
    for (const storeId of this.storeIds) this.detach(storeId);
    this.#queue.close();
  }

  #changed(storeId: string, ids: readonly string[] | undefined): void {
    const { registry } = this.#options;
    this.#options.beforeLooking?.();
    if (ids === undefined) {
      for (const { key } of registry.hot().slice(-MOST_AGAIN)) this.#queue.ask(key);
      return;
    }
    const joined = new Set<string>();
    for (const id of ids.slice(0, MOST_AGAIN)) {
      for (const { key } of registry.ofRecord(storeId, id)) joined.add(key);
    }
    const changed = new Set(ids);
    const layout = this.#stores.get(storeId)?.store.layout;
    // A record that appears may belong to a session that has had none so far.
    for (const session of registry.hot()) {
      const { record, id, raw } = session;
      const names = () => possibleIds(session, null, layout).some((one) => changed.has(one.id));
      const isOf =
        record === undefined
          ? changed.has(id) || changed.has(raw) || (session.shown && names())
          : changed.has(record.id);
      if (isOf && (record === undefined || record.goneAt !== undefined)) joined.add(session.key);
    }
    // While an answer is on its way, the change is most likely its doing: wait for it, then the flow is known.
    for (const key of joined) this.#queue.ask(key, registry.waitingFlow(key) === undefined ? SETTLE_MS : PATIENCE_MS);
  }

  async #read(key: string, after: string | undefined): Promise<void> {
    this.#options.beforeLooking?.();
    const session = this.#options.registry.get(key);
    // What another application issued is joined with nothing.
    if (session === undefined || session.foreign !== undefined) return;
    const { record } = session;
    if (record !== undefined && record.goneAt === undefined) {
      const attached = this.#stores.get(record.storeId);
      if (attached !== undefined) await this.#again(session, attached, record, after);
      return;
    }
    if (!session.shown && session.score.value < 10) return;
    for (const [storeId, attached] of this.#stores) {
      if (await this.#lookUp(session, storeId, attached, after)) return;
    }
  }

  async #again(
    session: LiveSession,
    attached: Attached,
    joined: JoinedRecord,
    after: string | undefined,
  ): Promise<void> {
    const { storeId, id, how } = joined;
    const found = await this.#try(storeId, attached, () => attached.store.read(id));
    if (found === 'failed' || this.#closed) return;
    if (found === undefined && after === undefined && this.#options.registry.waitingFlow(session.key) !== undefined) {
      // Whether this was a kill or an end shows in the answer that is on its way.
      this.#queue.ask(session.key, PATIENCE_MS);
      return;
    }
    const flow = this.#flowOf(session.key, after);
    if (found !== undefined) await this.#notify(session, storeId, attached, { record: found, how }, flow);
    else this.#options.registry.recordGone({ key: session.key, at: this.#options.clock(), ...flow });
  }

  async #lookUp(
    session: LiveSession,
    storeId: string,
    attached: Attached,
    after: string | undefined,
  ): Promise<boolean> {
    const decoded = this.#decodeCookie(session.raw, session);
    const match = await this.#try(storeId, attached, () => joinRecord(attached.store, session, decoded));
    if (match === 'failed' || match === undefined || this.#closed) return false;
    await this.#notify(session, storeId, attached, match, this.#flowOf(session.key, after));
    return true;
  }

  async #notify(
    session: LiveSession,
    storeId: string,
    attached: Attached,
    { record, how }: Match,
    flow: { flowId?: string },
  ): Promise<void> {
    const same = session.record?.goneAt === undefined && session.record?.revision === record.revision;
    if (same && session.record?.lastUsed === record.lastUsed && session.record.storeId === storeId) return;
    const { registry, decodeBefore } = this.#options;
    const value = await this.#options.decode(record, storeId);
    const past = decodeBefore === undefined ? undefined : registry.largeBefore(session.key);
    const before = past === undefined ? undefined : await decodeBefore?.(storeId, record.id, past);
    if (this.#closed) return;
    const news = registry.recordSeen({
      key: session.key,
      storeId,
      storeTitle: attached.title,
      ...layoutOf(attached.store),
      record,
      value,
      ...(before === undefined ? {} : { before }),
      how,
      at: this.#options.clock(),
      ...flow,
    });
    if (news === 'changed') this.#options.onChanged?.({ storeId, record, ...flow });
  }

  /** The flow that a change is put down to: the one after which it was read, one of just now, or one under way. */
  #flowOf(key: string, after: string | undefined): { flowId?: string } {
    this.#options.beforeLooking?.();
    const waiting = this.#options.registry.waitingFlow(key);
    // A run of the lab writes the record again and again: only a request that is under way can be the cause beside it.
    if (this.#options.registry.inRun(key)) return waiting === undefined ? {} : { flowId: waiting };
    const last = this.#lastFlow.get(key);
    const recent = last !== undefined && this.#options.clock() - last.at <= (this.#options.windowMs ?? 400);
    const flowId = after ?? waiting ?? (recent ? last.flowId : undefined);
    return flowId === undefined ? {} : { flowId };
  }

  async #try<T>(storeId: string, attached: Attached, work: () => Promise<T>): Promise<T | 'failed'> {
    try {
      const result = await work();
      if (attached.failing) this.#options.onProblem?.(storeId, null);
      attached.failing = false;
      return result;
    } catch (error) {
      if (!attached.failing) this.#options.onProblem?.(storeId, toProblem(error));
      attached.failing = true;
      return 'failed';
    }
  }
}

/** Keeps a map by time from growing: the oldest entries go. */
function trim(map: Map<string, unknown>): void {
  if (map.size <= 5_000) return;
  for (const key of map.keys()) {
    map.delete(key);
    if (map.size <= 4_000) return;
  }
}

function layoutOf({ layout }: RecordStore): { layout?: { framework: string; title: string } } {
  return layout === undefined ? {} : { layout: { framework: layout.framework, title: layout.title } };
}
