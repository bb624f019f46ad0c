import type { Carrier, CookieView, Score, SessionSummary, Sighting, TimelineEntry } from '../model/session.ts';
import type { TypedNode } from '../model/typed.ts';

/*
 * What the registry asks of others. The workspace implements the archive (`core/workspace/archive.ts`); the engine
 * brings the parts together.
 */

type WithoutSeq<T> = T extends unknown ? Omit<T, 'seq'> : never;
/** A timeline entry before it has its place. */
export type NewEntry = WithoutSeq<TimelineEntry>;

export interface SavedSession {
  readonly summary: SessionSummary;
  readonly shown: boolean;
  readonly memo: unknown;
}

/** What names a session in the archive. */
export interface SessionPlace {
  readonly key: string;
  readonly host: string;
  readonly carrier: Carrier;
  readonly id: string;
}

/** A record's state at one moment. */
export interface RecordState {
  readonly storeId: string;
  readonly recordId: string;
  readonly at: number;
  readonly lastUsed: number | null;
  readonly bytes: Uint8Array;
}

/** Where sessions rest that are not in memory. Every read sees all writes made before it. */
export interface SessionArchive {
  newKey(): string;
  /** The summary is asked for when it is needed: a session that is put a hundred times is written once. */
  putSession(saved: SavedSession, place: SessionPlace): void;
  putData(key: string, facts: readonly { readonly path: string; readonly value: string }[]): void;
  putSighting(key: string, sighting: Sighting): void;
  session(key: string): SavedSession | undefined;
  findSession(host: string, carrier: Carrier, id: string): SavedSession | undefined;
  /** Every session that a cookie of this name with this value makes, on whatever host, path and domain. */
  sessionsOfCookie(name: string, id: string): readonly SavedSession[];
  /** Keys of sessions without a record that count as alive and were not seen since `before` (ms). */
  quietKeys(before: number, limit: number): readonly string[];
  sessionsOfRecord(storeId: string, recordId: string): readonly SavedSession[];
  /** Keys of what counts as a session, newest activity first. */
  recentKeys(limit: number): readonly string[];
  /** Keys of all that one carrier of a host has carried, newest activity first. */
  carrierKeys(host: string, carrier: Carrier, limit: number): readonly string[];
  appendTimeline(key: string, entry: NewEntry): TimelineEntry;
  putSnapshot(state: RecordState): string;
  snapshot(id: string): RecordState | undefined;
  overrule(host: string, carrier: Carrier): Score['verdict'];
  setOverrule(host: string, carrier: Carrier, verdict: Score['verdict'] | null): void;
  carrier(host: string, carrier: Carrier): unknown;
  /** Memos of every cookie of one name on a host, whatever its path and domain. */
  cookieCarriers(host: string, name: string): readonly unknown[];
  putCarrier(host: string, carrier: Carrier, at: number, memo: unknown): void;
}

/** Decodes stored bytes; null for a value that cannot be read. Never throws. */
export type DecodeValue = (bytes: Uint8Array) => TypedNode | null;

/**
 * Reads one Set-Cookie value (Latin-1) as the answer to a request for `url`: the cookie as a browser would hold it, or
 * null for what is no cookie. `serverTime` is the answer's `Date` (ms), by which browsers read `Expires`.
 */
export type ReadSetCookie = (setCookie: string, url: string, at: number, serverTime?: number) => CookieView | null;

/** How a request stood to the page it belonged to, as its headers tell. */
export interface RequestContext {
  readonly url: string;
  readonly at: number;
  readonly site?: 'same-site' | 'cross-site';
  readonly topLevel?: boolean;
}

/** Why a browser does not take a Set-Cookie, in words; empty when it does. Pure. */
export type RefusalsOf = (setCookie: string, context: RequestContext) => readonly string[];
