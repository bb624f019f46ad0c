/** Names of the settings that the engine itself reads; the window adds its own under `window.`. */
export const SETTING = {
  stores: 'engine.stores',
  recording: 'engine.recording',
  /** Layers that the user named, by store and record. */
  layers: 'engine.layers',
  /** Keys of sites and stores, sealed. */
  keys: 'engine.keys',
  /** Pairs of applications of one host that share their sessions, as the user said. */
  joinedApplications: 'engine.sessions.joined',
  /** Idle limits in seconds that the policy lab measured, by host. */
  timeouts: 'engine.sessions.timeouts',
  /** What a run of the policy lab has still to undo. */
  /** Clients that the user allowed, by name, with what they may do. */
  agents: 'engine.agents',
  labJournal: 'engine.lab.journal',
} as const;

/** A list of texts from a stored setting; anything else counts as none. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
