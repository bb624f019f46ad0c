import { diff } from '../codec/diff.ts';
import type { EditInfo, RecordApplied, RecordPreview } from '../model/app.ts';
import type { Difference, Edit } from '../model/path.ts';
import { problem } from '../model/problem.ts';
import { comparedClock, type StoredRecord } from '../model/record.ts';
import type { RecordView } from '../model/session.ts';
import type { TypedNode } from '../model/typed.ts';
import { describeDifferences, describeSeconds } from './describe-edit.ts';
import { type EditEntry, infoOf, type KeptState } from './edit-entry.ts';
import { type Merge, mergeEdits } from './merge-edits.ts';
import { type DecodedRecord, type EditorOptions, type LoggedEdit, type RecordCodec, withKeys } from './ports.ts';
import { recordView } from './record-view.ts';
import { RecordWriter } from './record-writer.ts';

/** Names one record, and the session for whose timeline an edit counts. */
export interface RecordAddress {
  readonly storeId: string;
  readonly id: string;
  readonly sessionKey?: string;
}

export interface RecordEdit extends RecordAddress {
  /** The revision that was read and that the edits are about. */
  readonly revision: string;
  readonly edits: readonly Edit[];
  /** The layers to read it by, outermost first, when they are other than usual. */
  readonly as?: readonly string[];
}

/**
 * Edits records in stores: preview, guarded write, removal, ageing, bringing back. Each leaves a line in the undo log
 * before the store is touched. Undo and redo are in undo.ts.
 */
export class RecordEditor {
  readonly #options: EditorOptions;
  readonly #writer: RecordWriter;
  /** Snapshots of what was read, by revision: what an edit is about if the record has changed since. */
  readonly #read = new Map<string, string>();

  constructor(options: EditorOptions) {
    this.#options = options;
    this.#writer = new RecordWriter(options);
  }

  /** Reads a record for the window; null when there is none. Its state is kept for a later conflict. */
  async view(storeId: string, id: string, as?: readonly string[]): Promise<RecordView | null> {
    const record = await this.#writer.storeOf(storeId).read(id);
    if (record === undefined) return null;
    this.#remember(storeId, record);
    const layers = this.#layers({ storeId, id, ...(as && { as }) });
    return recordView(storeId, record, await this.#codec(storeId).decode(record.bytes, layers));
  }

  /** The decoded data of a record, for lists; null when there is none or it cannot be decoded. Nothing is kept. */
  async value(storeId: string, id: string): Promise<TypedNode | null> {
    const record = await this.#writer.storeOf(storeId).read(id);
    if (record === undefined) return null;
    return (await this.#options.codec.decode(record.bytes, this.#layers({ storeId, id }))).value;
  }

  /** What the edits would do to the record as it was read. Writes nothing. */
  async preview(edit: RecordEdit): Promise<RecordPreview> {
    const { storeId, id, revision, edits } = edit;
    const current = await this.#writer.storeOf(storeId).read(id);
    const base = current?.revision === revision ? current.bytes : this.#bytesAt(storeId, id, revision);
    if (base === undefined) throw gone(id);
    const made = await this.#make(storeId, base, edits, this.#layers(edit));
    const notes = [...made.notes];
    if (current === undefined) notes.push('The record is no longer there: nothing would be written');
    else if (current.revision !== revision) {
      notes.push('The record has changed since it was read: both sides will be shown before anything is written');
    }
    return {
      differences: made.differences,
      bytesBefore: base.length,
      bytesAfter: made.bytes.length,
      notes,
      after: made.decoded.value,
    };
  }

  /** Writes the edits if the record is still what was read; otherwise writes nothing and tells both sides. */
  async apply(edit: RecordEdit): Promise<RecordApplied> {
    const { storeId, id, revision, edits } = edit;
    const store = this.#writer.storeOf(storeId);
    const current = await store.read(id);
    if (current === undefined) return { outcome: 'gone' };
    if (current.revision !== revision) return this.#conflict(edit, current);
    const made = await this.#make(storeId, current.bytes, edits, this.#layers(edit));
    if (Buffer.compare(made.bytes, current.bytes) === 0) {
      throw problem('nothing-to-do', 'The edits leave the record as it is; nothing was written');
    }
    const before = this.#writer.keep(storeId, current);
    const after = this.#writer.keep(storeId, { ...current, bytes: made.bytes });
    const text = describeDifferences(made.differences);
    const logged = this.#newEdit(edit, { what: 'record-data', text, before, after, edits });
    const outcome = await this.#writer.run(
      logged,
      { from: before, to: after, onlyLastUsed: false, revision },
      entry(logged),
    );
    if (outcome !== 'done') {
      return outcome.changed === undefined ? { outcome: 'gone' } : this.#conflict(edit, outcome.changed);
    }
    this.#notify(logged.id);
    const record = await this.view(storeId, current.id, edit.as);
    return record === null ? { outcome: 'gone' } : { outcome: 'written', editId: logged.id, record };
  }

  /** My edits on the record as it is now, as far as they touch nothing that was changed meanwhile. Writes nothing. */
  async merge(edit: RecordEdit): Promise<Merge & { readonly revision: string }> {
    const { storeId, id, revision, edits } = edit;
    const as = this.#layers(edit);
    const current = await this.#writer.storeOf(storeId).read(id);
    const base = this.#bytesAt(storeId, id, revision);
    if (current === undefined || base === undefined) throw gone(id);
    const codec = this.#codec(storeId);
    const merged = mergeEdits(
      readable(await codec.decode(base, as)),
      readable(await codec.decode(current.bytes, as)),
      edits,
    );
    this.#remember(storeId, current);
    return { ...merged, revision: current.revision };
  }

  /** Removes the record, as `session.kill()` does. Refused with kind `record-changed` if it is not what was read. */
  async remove(address: RecordAddress & { readonly revision?: string }): Promise<EditInfo> {
    const current = await this.#mustRead(address);
    if (address.revision !== undefined && address.revision !== current.revision) throw changed(address.id);
    const before = this.#writer.keep(address.storeId, current);
    const text = `Record ${shortId(current.id)} removed`;
    return await this.#step(address, { what: 'record-removed', text, before, after: null }, current.revision);
  }

  /**
   * Moves the clock that the application compares (last use or end) back by so many seconds (negative: forward), with its
   * copies inside the data. Refused with kind `cannot-age` where it is not known what the application compares.
   */
  async age(address: RecordAddress, seconds: number): Promise<EditInfo> {
    const current = await this.#mustRead(address);
    const store = this.#writer.storeOf(address.storeId);
    const { clock, cannotAge } = store.traits;
    if (clock === null) throw problem('cannot-age', cannotAge ?? 'It is not known what the application compares');
    const now = comparedClock(store, current);
    if (now === null) {
      throw clock?.name === 'expires'
        ? problem('no-last-use', 'This record has no end: it is kept until it is removed')
        : problem('no-last-use', 'This store does not say when a record was last used');
    }
    if (!Number.isFinite(seconds)) throw problem('bad-seconds', 'The age must be a number of seconds');
    const before = this.#writer.keep(address.storeId, current);
    const after = { ...before, lastUsed: now - Math.round(seconds * 1000) };
    const text = seconds >= 0 ? `Aged by ${describeSeconds(seconds)}` : `Made younger by ${describeSeconds(seconds)}`;
    return await this.#step(address, { what: 'record-age', text, before, after }, current.revision);
  }

  /** Brings a past state back: writes its bytes, or makes the record again if it is gone. */
  async restore(address: RecordAddress, snapshot: string): Promise<EditInfo> {
    const past = this.#options.snapshots.snapshot(snapshot);
    if (past === undefined) throw problem('snapshot-gone', 'That state of the record is no longer kept');
    const current = await this.#writer.storeOf(address.storeId).read(address.id);
    const before = current === undefined ? null : this.#writer.keep(address.storeId, current);
    const after = this.#writer.keepAt(
      address.storeId,
      { id: address.id, bytes: past.bytes },
      current === undefined ? past.lastUsed : comparedClock(this.#writer.storeOf(address.storeId), current),
    );
    const text = `State of ${new Date(past.at).toISOString().replace('T', ' ').slice(0, 19)} UTC brought back`;
    return await this.#step(address, { what: 'record-restored', text, before, after }, current?.revision);
  }

  async #step(
    address: RecordAddress,
    fields: Pick<EditEntry, 'what' | 'text' | 'before' | 'after'>,
    revision: string | undefined,
  ): Promise<EditInfo> {
    const logged = this.#newEdit(address, fields);
    const { before: from, after: to } = fields;
    const step = {
      from,
      to,
      onlyLastUsed: fields.what === 'record-age',
      ...(revision === undefined ? {} : { revision }),
    };
    const outcome = await this.#writer.run(logged, step, entry(logged));
    if (outcome !== 'done') throw changed(address.id);
    return this.#notify(logged.id);
  }

  #newEdit(
    { storeId, id, sessionKey }: RecordAddress,
    fields: Pick<EditEntry, 'what' | 'text' | 'before' | 'after' | 'edits'>,
  ): LoggedEdit {
    const made: EditEntry = { ...fields, state: 'applied', doing: 'do' };
    return {
      id: this.#options.newId(),
      at: this.#options.clock(),
      ...(sessionKey === undefined ? {} : { sessionKey }),
      storeId,
      recordId: id,
      phase: 'intent',
      entry: made,
    };
  }

  #notify(editId: string): EditInfo {
    const logged = this.#options.log.get(editId);
    if (logged === undefined) throw new Error(`Edit ${editId} is not in the log`);
    const info = infoOf(logged);
    this.#options.onEdit?.(info);
    return info;
  }

  /** The edited bytes, read back: what was asked for must be what stands there. */
  async #make(
    storeId: string,
    base: Uint8Array,
    edits: readonly Edit[],
    as: readonly string[] | undefined,
  ): Promise<{ bytes: Uint8Array; decoded: DecodedRecord; differences: Difference[]; notes: string[] }> {
    const codec = this.#codec(storeId);
    const before = await codec.decode(base, as);
    const from = readable(before);
    const bytes = await codec.edit(base, edits, as);
    const decoded = await codec.decode(bytes, as);
    const notes: string[] = [];
    if (!before.lossless) notes.push('The record could not be read without loss: what was not understood may change');
    const differences = diff(from, readable(decoded));
    if (differences.length === 0) notes.push('The edits change nothing');
    return { bytes, decoded, differences, notes };
  }

  async #conflict(edit: RecordEdit, current: StoredRecord): Promise<RecordApplied> {
    const { storeId, id, revision, edits } = edit;
    const as = this.#layers(edit);
    const base = this.#bytesAt(storeId, id, revision);
    const codec = this.#codec(storeId);
    this.#remember(storeId, current);
    const decoded = await codec.decode(current.bytes, as);
    const view = recordView(storeId, current, decoded);
    // Without the state that was read, my side is shown against what is there now.
    const mine = (await this.#make(storeId, base ?? current.bytes, edits, as)).differences;
    const was = base === undefined ? decoded.value : (await codec.decode(base, as)).value;
    const theirs = diff(was ?? NONE, decoded.value ?? NONE);
    return { outcome: 'conflict', current: view, mine, theirs };
  }

  #codec(storeId: string): RecordCodec {
    return withKeys(this.#options.codec, this.#options.keys?.(storeId) ?? []);
  }

  #layers({ storeId, id, as }: Pick<RecordEdit, 'storeId' | 'id' | 'as'>): readonly string[] | undefined {
    return as ?? this.#options.layers?.(storeId, id);
  }

  async #mustRead({ storeId, id }: RecordAddress): Promise<StoredRecord> {
    const record = await this.#writer.storeOf(storeId).read(id);
    if (record === undefined) throw gone(id);
    return record;
  }

  #remember(storeId: string, record: StoredRecord): void {
    const key = `${storeId} ${record.id} ${record.revision}`;
    this.#read.delete(key);
    this.#read.set(key, this.#writer.keep(storeId, record).snapshot);
    if (this.#read.size > 2_000) this.#read.delete(this.#read.keys().next().value as string);
  }

  #bytesAt(storeId: string, id: string, revision: string): Uint8Array | undefined {
    const snapshot = this.#read.get(`${storeId} ${id} ${revision}`);
    return snapshot === undefined ? undefined : this.#options.snapshots.snapshot(snapshot)?.bytes;
  }
}

const NONE: TypedNode = { t: 'none' };

function entry(logged: LoggedEdit): EditEntry {
  return logged.entry as EditEntry;
}

function readable(decoded: DecodedRecord): TypedNode {
  if (decoded.value !== null) return decoded.value;
  throw problem(
    'not-decodable',
    decoded.error?.message ?? 'The record cannot be decoded, so its data cannot be edited',
    {
      remedy: 'Look at the raw view, or remove the record',
    },
  );
}

function gone(id: string) {
  return problem('record-gone', `The record ${shortId(id)} is no longer there`, {
    remedy: 'Undo its removal, if it was removed here',
  });
}

function changed(id: string) {
  return problem('record-changed', `The record ${shortId(id)} has changed since it was read; nothing was written`, {
    remedy: 'Look at it again, then repeat',
  });
}

function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id;
}

export type { KeptState };
