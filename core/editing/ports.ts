import type { EditInfo } from '../model/app.ts';
import type { Edit } from '../model/path.ts';
import type { Problem } from '../model/problem.ts';
import type { RecordStore } from '../model/record.ts';
import type { RecordView } from '../model/session.ts';
import type { SignatureView } from '../model/signature.ts';
import type { TypedNode } from '../model/typed.ts';

/** Bytes of a record, decoded. */
export interface DecodedRecord {
  readonly layers: readonly string[];
  /** Null when it cannot be decoded; then `error` says why. */
  readonly value: TypedNode | null;
  readonly lossless: boolean;
  readonly warnings: RecordView['warnings'];
  readonly error?: Problem;
  readonly signature?: SignatureView;
}

/** The codec as the editor uses it. Large records are done in another thread, hence the promises. */
export interface RecordCodec {
  /** Never throws. `as`: the layers, when the user has named them. */
  /** `secrets`: the keys of the store: all are tried, the first signs. */
  decode(
    bytes: Uint8Array,
    as?: readonly string[],
    secrets?: readonly string[],
  ): DecodedRecord | Promise<DecodedRecord>;
  /** The bytes with these edits and nothing else changed. Throws ProblemErrors. */
  edit(
    bytes: Uint8Array,
    edits: readonly Edit[],
    as?: readonly string[],
    secrets?: readonly string[],
  ): Uint8Array | Promise<Uint8Array>;
}

/** The codec with the keys of a store. */
export function withKeys(codec: RecordCodec, keys: readonly string[]): RecordCodec {
  return {
    decode: (bytes, as) => codec.decode(bytes, as, keys),
    edit: (bytes, edits, as) => codec.edit(bytes, edits, as, keys),
  };
}

/**
 * A line of the undo log as it is kept (`EditTable` of the workspace). `put` must have reached the disk when it
 * returns: the log is what a half-done edit is found by after a crash.
 */
export interface LoggedEdit {
  readonly id: string;
  readonly at: number;
  readonly sessionKey?: string;
  readonly storeId?: string;
  readonly recordId?: string;
  readonly phase: 'intent' | 'done' | 'failed';
  readonly entry: unknown;
}

export interface EditLog {
  put(edit: LoggedEdit): void;
  get(id: string): LoggedEdit | undefined;
  /** Newest first. */
  list(query: {
    sessionKey?: string;
    storeId?: string;
    recordId?: string;
    phase?: string;
    limit?: number;
  }): readonly LoggedEdit[];
}

export interface RecordState {
  readonly storeId: string;
  readonly recordId: string;
  readonly at: number;
  readonly lastUsed: number | null;
  readonly bytes: Uint8Array;
}

/** States of records, kept by content (`BlobTable` of the workspace). */
export interface Snapshots {
  putSnapshot(state: RecordState): string;
  snapshot(id: string): RecordState | undefined;
}

export interface EditorOptions {
  readonly log: EditLog;
  readonly snapshots: Snapshots;
  readonly codec: RecordCodec;
  /** The layers that the user has named for a record; undefined where they are guessed. */
  readonly layers: ((storeId: string, recordId: string) => readonly string[] | undefined) | undefined;
  /** The keys of a store, for records that are signed or sealed. */
  readonly keys: ((storeId: string) => readonly string[]) | undefined;
  /** The attached store, or undefined. Ids of stores must stay the same over restarts, or no edit can be undone then. */
  readonly store: (storeId: string) => RecordStore | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A new name for an edit. */
  readonly newId: () => string;
  /**
   * Called before bytes are written, so that the registry does not take them for the server's. No bytes at all announce
   * a removal.
   */
  readonly expectWrite: ((storeId: string, recordId: string, bytes: Uint8Array) => void) | undefined;
  /** An edit was made, undone, redone or overwritten. */
  readonly onEdit: ((edit: EditInfo) => void) | undefined;
}
