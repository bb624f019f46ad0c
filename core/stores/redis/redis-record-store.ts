import { ProblemError, problem } from '../../model/problem.ts';
import type {
  RecordListing,
  RecordStore,
  Revision,
  ScannedRecord,
  StoreClock,
  StoredRecord,
  StoreTraits,
  WriteOutcome,
} from '../../model/record.ts';
import type { RedisAddress } from '../address.ts';
import { moveInside, readInside } from '../inside-clocks.ts';
import type { KeyLayout } from '../layout.ts';
import { revisionOf } from '../revision.ts';
import type { OpenContext } from '../store-kind.ts';
import { Watchers } from '../watchers.ts';
import { type KeyForm, keyForm } from './key-forms.ts';
import { findKeyLayout, type KeySpace } from './key-space.ts';
import { RedisConnection, type Reply } from './redis-connection.ts';
import { watchKeys } from './redis-watch.ts';

/** Keys asked for at once, and with their values. */
const PAGE = 500;
const POLL_MS = 1_000;

/** Opens the sessions on a Redis server. @throws ProblemError */
export async function openRedisStore(address: RedisAddress, url: string, context: OpenContext): Promise<RecordStore> {
  const connection = new RedisConnection(address);
  const layouts =
    address.as === undefined ? context.layouts.keys : context.layouts.keys.filter(({ id }) => id === address.as);
  const store = new RedisRecordStore(connection, {
    url,
    layouts,
    prefix: address.prefix,
    pollMs: context.pollMs ?? POLL_MS,
    database: address.database,
  });
  try {
    await store.check();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface RedisStoreOptions {
  readonly url: string;
  readonly layouts: readonly KeyLayout[];
  readonly prefix: string | undefined;
  readonly pollMs: number;
  readonly database: number;
}

/**
 * Sessions in keys of a Redis server. The id of a record is its whole key, its end the key's time to live. Nothing is
 * listed by KEYS, and no setting of the server is changed.
 */
export class RedisRecordStore implements RecordStore {
  readonly url: string;
  readonly #connection: RedisConnection;
  readonly #options: RedisStoreOptions;
  readonly #watchers: Watchers;
  #space: KeySpace | undefined;
  #byEvents = false;

  constructor(connection: RedisConnection, options: RedisStoreOptions) {
    this.url = options.url;
    this.#connection = connection;
    this.#options = options;
    this.#watchers = new Watchers((changed) =>
      watchKeys(connection, {
        prefix: () => this.#space?.prefix,
        database: options.database,
        pollMs: options.pollMs,
        keys: () => this.#keys(undefined),
        changed,
        onHow: (byEvents) => {
          this.#byEvents = byEvents;
        },
      }),
    );
  }

  get traits(): StoreTraits {
    return {
      kind: 'redis',
      canAge: this.#ageInside !== undefined,
      clock: this.#ageInside ?? { name: 'expires', where: 'time to live of the key' },
      canWrite: true,
      watch: this.#byEvents ? { how: 'events' } : { how: 'poll', pollMs: this.#options.pollMs },
      foldsCase: false,
    };
  }

  get layout(): KeyLayout | undefined {
    return this.#space?.layout;
  }

  /** Connects, and finds out which keys are sessions. @throws ProblemError */
  async check(): Promise<void> {
    this.#space = await findKeyLayout(this.#connection, this.#options.layouts, this.#options.prefix);
  }

  async *list(signal?: AbortSignal): AsyncIterable<RecordListing> {
    for await (const keys of this.#pages(signal)) {
      // MEMORY USAGE, unlike STRLEN, does not count as a use of the key.
      const size = this.#connection.noTouch && this.layout?.type === 'string' ? 'STRLEN' : 'MEMORY';
      const replies = await this.#connection.all(
        keys.flatMap((key) => [['PTTL', key], size === 'STRLEN' ? ['STRLEN', key] : ['MEMORY', 'USAGE', key]]),
      );
      const now = Date.now();
      for (const [at, key] of keys.entries()) {
        const ttl = replies[at * 2];
        const bytes = replies[at * 2 + 1];
        if (ttl === -2) continue;
        const odd = bytes instanceof ProblemError ? { problem: bytes.problem } : {};
        yield {
          id: key,
          lastUsed: null,
          expires: endOf(ttl, now),
          bytes: Number(bytes instanceof Error ? 0 : bytes),
          ...odd,
        };
      }
    }
  }

  async *scan(signal?: AbortSignal): AsyncIterable<ScannedRecord> {
    for await (const keys of this.#pages(signal)) {
      const replies = await this.#connection.all(keys.flatMap((key) => [['PTTL', key], this.#form.read(key)]));
      const now = Date.now();
      for (const [at, id] of keys.entries()) {
        const expires = endOf(replies[at * 2], now);
        const reply = replies[at * 2 + 1];
        if (reply === null) continue;
        const bytes = reply === undefined || reply instanceof Error ? undefined : this.#form.bytes(reply);
        if (bytes === undefined) {
          const reason = reply instanceof ProblemError ? reply.problem : this.#otherForm(id);
          yield { listing: { id, lastUsed: null, expires, bytes: 0, problem: reason } };
          continue;
        }
        const record = this.#record(id, bytes, expires);
        yield { listing: { id, lastUsed: record.lastUsed, expires, bytes: bytes.length }, record };
      }
    }
  }

  async read(id: string): Promise<StoredRecord | undefined> {
    if (!this.#isRecord(id)) return undefined;
    const [ttl, reply = null] = await this.#connection.all([['PTTL', id], this.#form.read(id)]);
    if (reply instanceof Error) throw reply;
    const bytes = this.#form.bytes(reply);
    if (bytes === undefined) return undefined;
    return this.#record(id, bytes, endOf(ttl, Date.now()));
  }

  async replace(id: string, bytes: Uint8Array, expected: Revision): Promise<WriteOutcome> {
    const before = await this.read(id);
    if (before === undefined) return 'gone';
    if (before.revision !== expected) return 'stale';
    return this.#exchange(id, before.bytes, bytes);
  }

  async create(id: string, bytes: Uint8Array, clock: number): Promise<void> {
    if (!this.#isRecord(id)) {
      throw problem('bad-id', `${JSON.stringify(id)} is no session of ${this.#connection.where}`, {
        remedy: `The keys of the sessions here begin with ${this.#space?.prefix ?? 'a prefix that is not known yet'}`,
        where: this.#connection.where,
      });
    }
    // Of a record whose clock stands inside, the server's own end is not known: it stays until it is removed.
    const life = this.#ageInside === undefined ? Math.ceil(clock - Date.now()) : 0;
    const lives = Number.isFinite(life) && life > 0;
    const made = await this.#connection.run(...this.#form.create(id, Buffer.from(bytes), lives ? life : undefined));
    if (made === 0) {
      throw problem('exists', `There is already a session ${id}`, {
        remedy: 'Edit it, or choose another id',
        where: this.#connection.where,
      });
    }
    this.#watchers.changed([id]);
  }

  /** Moves the last use that stands inside the record, where the application compares it. */
  async setLastUsed(id: string, lastUsed: number): Promise<WriteOutcome> {
    if (this.#ageInside === undefined) {
      throw problem('cannot-age', 'Redis keeps no last use; what counts is the time to live of the key', {
        remedy: 'Set the end of the session instead',
        where: this.#connection.where,
      });
    }
    const before = await this.read(id);
    if (before === undefined) return 'gone';
    const move = { name: 'lastUsed', ms: lastUsed, before: before.lastUsed } as const;
    return this.#exchange(id, before.bytes, moveInside(this.layout?.inside ?? [], before.bytes, move));
  }

  async setExpires(id: string, expires: number): Promise<WriteOutcome> {
    if (!this.#isRecord(id)) return 'gone';
    const inside = this.layout?.inside ?? [];
    const before = inside.length === 0 ? undefined : await this.read(id);
    if (before !== undefined) {
      const moved = moveInside(inside, before.bytes, { name: 'expires', ms: expires, before: before.expires ?? null });
      const outcome = await this.#exchange(id, before.bytes, moved);
      if (outcome !== 'written') return outcome;
    }
    const done = await this.#connection.run('PEXPIREAT', id, String(Math.round(expires)));
    if (done !== 1) return 'gone';
    this.#watchers.changed([id]);
    return 'written';
  }

  async remove(id: string, expected?: Revision): Promise<WriteOutcome> {
    if (!this.#isRecord(id)) return 'gone';
    if (expected === undefined) return this.#outcome(id, await this.#connection.run('DEL', id));
    const before = await this.read(id);
    if (before === undefined) return 'gone';
    if (before.revision !== expected) return 'stale';
    return this.#outcome(id, await this.#connection.run(...this.#form.remove(id, Buffer.from(before.bytes))));
  }

  watch(onChange: (ids: readonly string[] | undefined) => void): () => void {
    return this.#watchers.add(onChange);
  }

  async close(): Promise<void> {
    this.#watchers.stop();
    await this.#connection.close();
  }

  get #form(): KeyForm {
    return keyForm(this.layout?.type);
  }

  /** The clock inside the records, where the application compares that one and not the key's time to live. */
  get #ageInside(): StoreClock | undefined {
    if (this.layout?.compares !== 'lastUsed') return undefined;
    const clock = this.layout.inside?.find((one) => one.clock === 'lastUsed');
    return clock && { name: 'lastUsed', where: clock.where };
  }

  async #exchange(id: string, before: Uint8Array, after: Uint8Array): Promise<WriteOutcome> {
    const command = this.#form.replace(id, Buffer.from(before), Buffer.from(after));
    return this.#outcome(id, await this.#connection.run(...command));
  }

  #otherForm(id: string) {
    const wanted = this.layout?.type === 'hash' ? 'fields' : 'text';
    return { kind: 'not-text' as const, message: `The key ${id} holds no ${wanted}` };
  }

  #outcome(id: string, done: Reply): WriteOutcome {
    if (done === 0) return 'gone';
    if (done !== 1) return 'stale';
    this.#watchers.changed([id]);
    return 'written';
  }

  #record(id: string, bytes: Buffer, expires: number | null): StoredRecord {
    return {
      id,
      bytes,
      revision: revisionOf(bytes),
      lastUsed: this.#ageInside === undefined ? null : readInside(this.layout?.inside ?? [], 'lastUsed', bytes),
      expires,
      ...(this.#connection.noTouch
        ? {}
        : { extra: { idleCounter: 'set to 0 by this look: servers before 7.2 count every reading' } }),
    };
  }

  #isRecord(key: string): boolean {
    const space = this.#space;
    return space !== undefined && key.startsWith(space.prefix) && space.layout.belongs(key.slice(space.prefix.length));
  }

  /** Keys of sessions, page by page; a key is given once. */
  async *#pages(signal: AbortSignal | undefined): AsyncGenerator<string[]> {
    if (this.#space === undefined) await this.check();
    if (this.#space === undefined) return;
    const seen = new Set<string>();
    let cursor = '0';
    do {
      signal?.throwIfAborted();
      const reply = await this.#connection.run(
        'SCAN',
        cursor,
        'MATCH',
        `${glob(this.#space.prefix)}*`,
        'COUNT',
        String(PAGE),
      );
      const [next, keys] = reply as readonly [Buffer, readonly Buffer[]];
      cursor = String(next);
      const fresh = keys.map(String).filter((key) => this.#isRecord(key) && !seen.has(key));
      for (const key of fresh) seen.add(key);
      if (fresh.length > 0) yield fresh;
    } while (cursor !== '0');
  }

  async #keys(signal: AbortSignal | undefined): Promise<string[]> {
    const all: string[] = [];
    for await (const keys of this.#pages(signal)) all.push(...keys);
    return all;
  }
}

/** The moment of the end from a PTTL: null for a key without one. */
function endOf(ttl: Reply | Error | undefined, now: number): number | null {
  return typeof ttl === 'number' && ttl >= 0 ? now + ttl : null;
}

/** A text as a pattern that matches itself alone. */
export function glob(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
