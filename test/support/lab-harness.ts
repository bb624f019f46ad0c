import { randomBytes } from 'node:crypto';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import type { ExperimentOutcome, LabSettings } from '../../core/model/lab.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { EXPERIMENTS } from '../../core/policy/live/catalog.ts';
import type { LabPorts } from '../../core/policy/live/context.ts';
import type { JournalEntry } from '../../core/policy/live/journal.ts';
import { experimentsOf, type RunResult, runExperiments } from '../../core/policy/live/run-experiments.ts';
import { possibleIds } from '../../core/registry/record-match.ts';
import { recordedFlow, replayHarness } from './replay-harness.ts';

/** An application to be asked, and what a visitor of it has. */
export interface LabTarget {
  readonly origin: string;
  readonly storeUrl?: string;
  readonly cookieName: string;
  readonly login?: string;
  readonly verification?: string;
  readonly logout?: string;
}

export const LAB_SETTINGS: LabSettings = {
  idleSeconds: 7_200,
  absoluteSeconds: null,
  addressMayChange: false,
  addresses: ['127.0.0.2', '127.0.0.3'],
};

/** The experiments on limits, addresses, logout and ids: those that a run asks unless others are named. */
export const FIRST = EXPERIMENTS.slice(0, 13);

/** Everything in a store that a run must leave as it was. */
export async function snapshot(store: RecordStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { id } of store.list()) {
    const record = await store.read(id);
    if (record !== undefined) {
      found[record.id] = `${record.lastUsed} ${Buffer.from(record.bytes).toString('base64')}`;
    }
  }
  return found;
}

export interface LabRunShown extends RunResult {
  readonly before: Record<string, string>;
  readonly after: Record<string, string>;
  readonly journal: readonly (JournalEntry | null)[];
  readonly tookMs: number;
  verdict(id: string): string;
  outcome(id: string): ExperimentOutcome | undefined;
}

/**
 * Logs in and runs experiments as the engine does. `cookie` is a session that exists already; `freshLogin` logs in before
 * the application is asked anything else.
 */
export async function runLab(
  target: LabTarget,
  options: {
    settings?: Partial<LabSettings>;
    experiments?: readonly string[];
    cookie?: string;
    signal?: AbortSignal;
    journal?: (entry: JournalEntry | null) => Promise<void>;
    ports?: Partial<LabPorts>;
    /** The store with some of its parts replaced, for the run alone. */
    wrap?: (store: RecordStore) => RecordStore;
    /** Requests with something done before or after. */
    around?: (replay: LabPorts['replay']) => LabPorts['replay'];
  } = {},
): Promise<LabRunShown> {
  const harness = replayHarness();
  const store = target.storeUrl === undefined ? undefined : await openRecordStore(target.storeUrl);
  try {
    const raw = options.cookie ?? (await logIn(target));
    const flow = (path: string) =>
      recordedFlow(target.origin + path, {
        rawHeaders: ['Host', new URL(target.origin).host, 'Cookie', `${target.cookieName}=${raw}; lang=de`],
      });
    const ids = possibleIds({ id: raw, raw }).map(({ id }) => id);
    let recordId: string | undefined;
    for (const id of ids) recordId ??= (await store?.read(id))?.id;
    const before = store === undefined ? {} : await snapshot(store);
    const journal: (JournalEntry | null)[] = [];
    const began = performance.now();
    const result = await runExperiments(experimentsOf(options.experiments ?? FIRST.map(({ meta }) => meta.id)), {
      runId: 'run',
      settings: { ...LAB_SETTINGS, ...options.settings },
      verification: flow(target.verification ?? '/whoami'),
      ...(target.logout === undefined ? {} : { logout: flow(target.logout) }),
      cookie: { name: target.cookieName, raw },
      ...(store === undefined || recordId === undefined
        ? {}
        : { record: { store: options.wrap?.(store) ?? store, id: recordId } }),
      replay: options.around?.(harness.replay) ?? harness.replay,
      readBody: (one) => harness.text(one),
      recordIds: (value) => possibleIds({ id: value, raw: value }).map(({ id }) => id),
      journal: {
        write: async (entry) => {
          journal.push(entry);
          await options.journal?.(entry);
        },
      },
      clock: Date.now,
      randomHex: (bytes) => randomBytes(bytes).toString('hex'),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...options.ports,
    });
    const tookMs = performance.now() - began;
    const after = store === undefined ? {} : await snapshot(store);
    const outcome = (id: string) => result.outcomes.find(({ experimentId }) => experimentId === id);
    return { ...result, before, after, journal, tookMs, outcome, verdict: (id) => outcome(id)?.verdict ?? 'not run' };
  } finally {
    await store?.close();
    await harness.close();
  }
}

/** The raw value of the session cookie that a login gives. */
export async function logIn({ origin, login = '/login', cookieName }: LabTarget, cookie?: string): Promise<string> {
  const response = await fetch(origin + login, {
    redirect: 'manual',
    headers: cookie === undefined ? {} : { cookie: `${cookieName}=${cookie}` },
  });
  await response.arrayBuffer();
  const set = response.headers.getSetCookie().findLast((value) => value.startsWith(`${cookieName}=`));
  return set?.slice(cookieName.length + 1).split(';')[0] ?? 'none';
}
