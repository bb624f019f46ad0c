/** What is wrong with a value by itself, whatever the application does with it. */
export const FINDING_IDS = [
  'weak-key',
  'jwt-alg-none',
  'jwt-public-key-as-secret',
  'jwt-no-exp',
] as const satisfies readonly string[];

export type FindingId = (typeof FINDING_IDS)[number];

export interface ValueFinding {
  readonly id: FindingId;
  readonly severity: 'danger' | 'warning';
  /** One sentence: what was found. It never holds the key. */
  readonly sentence: string;
  /** One sentence: how to mend it, in the settings of the framework where it is known. */
  readonly mend: string;
  /** Where the key is published, in words. */
  readonly source?: string;
}
