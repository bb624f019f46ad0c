import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runPolicy } from '../../core/engine/policy-run/run-policy.ts';
import { readPolicies } from '../../core/policy/file/read-policy.ts';
import type { PolicyResult } from '../../core/policy/file/result.ts';

/** A folder with policy files that are run as the command runs them, without the command. */
export interface PolicyHarness {
  readonly folder: string;
  /** Runs the policies of a text; relative paths in it count from the folder. */
  run(text: string, options?: PolicyHarnessOptions): Promise<PolicyResult[]>;
  /** What is left in the folder of journals. */
  journals(): string[];
  close(): void;
}

export interface PolicyHarnessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly confirmed?: boolean;
  readonly signal?: AbortSignal;
  readonly notify?: (done: number, total: number, name: string) => void;
}

export function policyHarness(): PolicyHarness {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-policy-'));
  const file = path.join(folder, 'policy.yaml');
  const journalFolder = path.join(folder, 'data', 'lab');
  return {
    folder,
    async run(text, { env = {}, confirmed = true, signal, notify } = {}) {
      writeFileSync(file, text);
      const results: PolicyResult[] = [];
      for (const policy of readPolicies(text, { file, env })) {
        results.push(
          await runPolicy(policy, {
            journalFolder,
            clock: Date.now,
            confirmed,
            ...(signal === undefined ? {} : { signal }),
            ...(notify === undefined ? {} : { notify }),
          }),
        );
      }
      return results;
    },
    journals: () => {
      try {
        return readdirSync(journalFolder);
      } catch {
        return [];
      }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Verdicts of a result by experiment. */
export function verdictsOf({ live }: PolicyResult): Record<string, string> {
  return Object.fromEntries(live.map(({ meta, outcome }) => [meta.id, outcome.verdict]));
}
