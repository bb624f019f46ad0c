import type { Carrier, Score, SessionSummary, Sighting, TimelineEntry } from '../model/session.ts';
import type { SessionPlace } from './session-table.ts';
import type { NewEntry } from './timeline-table.ts';
import type { Workspace } from './workspace.ts';

/** A record's state at one moment. */
interface RecordState {
  readonly storeId: string;
  readonly recordId: string;
  readonly at: number;
  readonly lastUsed: number | null;
  readonly bytes: Uint8Array;
}

interface SavedSession {
  readonly summary: SessionSummary;
  readonly shown: boolean;
  readonly memo: unknown;
}

/** The workspace as the registry sees it (`SessionArchive` in `core/registry/ports.ts`). */
export function archiveOf({ sessions, timeline, blobs, settings }: Workspace) {
  return {
    newKey: (): string => sessions.newKey(),
    putSession: (saved: SavedSession, place: SessionPlace): void => sessions.put(saved, place),
    putData: (key: string, facts: readonly { path: string; value: string }[]): void => sessions.putData(key, facts),
    putSighting: (key: string, sighting: Sighting): void => sessions.putSighting(key, sighting),
    session: (key: string): SavedSession | undefined => sessions.get(key),
    findSession: (host: string, carrier: Carrier, id: string): SavedSession | undefined =>
      sessions.find(host, carrier, id),
    sessionsOfCookie: (name: string, id: string): readonly SavedSession[] => sessions.ofCookie(name, id),
    quietKeys: (before: number, limit: number): readonly string[] => sessions.quietKeys(before, limit),
    sessionsOfRecord: (storeId: string, recordId: string): readonly SavedSession[] =>
      sessions.ofRecord(storeId, recordId),
    recentKeys: (limit: number): readonly string[] => sessions.recentKeys(limit),
    carrierKeys: (host: string, carrier: Carrier, limit: number): readonly string[] =>
      sessions.carrierKeys(host, carrier, limit),
    appendTimeline: (key: string, entry: NewEntry): TimelineEntry => timeline.append(key, entry),
    putSnapshot: (state: RecordState): string => blobs.putSnapshot(state),
    snapshot: (id: string): RecordState | undefined => blobs.snapshot(id),
    overrule: (host: string, carrier: Carrier): Score['verdict'] => settings.overrule(host, carrier),
    setOverrule: (host: string, carrier: Carrier, verdict: Score['verdict'] | null): void =>
      settings.setOverrule(host, carrier, verdict),
    carrier: (host: string, carrier: Carrier): unknown => settings.carrier(host, carrier),
    cookieCarriers: (host: string, name: string): readonly unknown[] => settings.cookieCarriers(host, name),
    putCarrier: (host: string, carrier: Carrier, at: number, memo: unknown): void =>
      settings.putCarrier(host, carrier, at, memo),
  };
}
