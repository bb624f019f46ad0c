import type { Journal, JournalEntry } from '../policy/live/journal.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { SETTING } from './settings.ts';

/** What runs of the policy lab have still to undo, kept in the workspace: one entry for each run. */
export class LabJournal {
  readonly #workspace: Pick<Workspace, 'settings' | 'flush'>;

  constructor(workspace: Pick<Workspace, 'settings' | 'flush'>) {
    this.#workspace = workspace;
  }

  /** Oldest first. */
  entries(): readonly JournalEntry[] {
    const kept = this.#workspace.settings.get(SETTING.labJournal);
    return Array.isArray(kept) ? kept.filter(isEntry) : [];
  }

  /** The journal of one run; others' entries stay beside it. */
  of(runId: string): Journal {
    return { write: (entry) => this.#write(runId, entry) };
  }

  /** @throws ProblemError `workspace-not-saved` when the disk refuses: then nothing may be done that was to be noted */
  async #write(runId: string, entry: JournalEntry | null): Promise<void> {
    const { settings, flush } = this.#workspace;
    const others = this.entries().filter((other) => other.runId !== runId);
    const all = entry === null ? others : [...others, entry];
    settings.set(SETTING.labJournal, all.length === 0 ? null : all);
    await flush();
  }
}

function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 2;
}
