import { encodeSession } from '../../frameworks/webpy/session/encoding.ts';
import { defaultParameters } from '../../frameworks/webpy/session/parameters.ts';
import type { RecordStore } from '../../model/record.ts';
import type { Policy } from '../../policy/file/policy.ts';
import { Canaries } from '../../policy/live/canaries.ts';
import { canaryAges } from '../../policy/live/canary-ages.ts';
import { copiesOf } from '../../policy/live/canary-copies.ts';
import { recordFacts } from '../../policy/live/record-facts.ts';
import { experimentsOf } from '../../policy/live/run-experiments.ts';
import type { FileJournal } from './journal-folder.ts';
import { newestOf } from './stored-record.ts';

export interface PlantPorts {
  readonly store: RecordStore | undefined;
  readonly journal: FileJournal | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly randomHex: (bytes: number) => string;
  readonly signal?: AbortSignal;
}

/**
 * Plants canaries before the login, where experiments about ages are asked: the first request of a fresh web.py process
 * cleans up, and in CI that request is the login. Undefined where none are needed or none can be planted; a run plants
 * its own then, once there is a session.
 * @throws ProblemError of the store
 */
export async function plantBeforeLogin(
  policy: Policy,
  { store, journal, clock, randomHex, signal }: PlantPorts,
): Promise<Canaries | undefined> {
  const { live, target } = policy;
  if (live === undefined || target === undefined || target.login.length === 0) return undefined;
  if (store?.traits.canAge !== true || !store.traits.canWrite || journal === undefined) return undefined;
  const experiments = experimentsOf(live.expected.map(([id]) => id));
  if (!experiments.some(({ meta }) => meta.needs.includes('age'))) return undefined;
  const bytesFor = await likeRecords(policy, store, clock());
  if (bytesFor === undefined) return undefined;
  const prefix = randomHex(16);
  await journal.plant(prefix);
  const canaries = new Canaries(prefix, { store, clock, bytesFor });
  const { idleSeconds } = live.settings;
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  await canaries.plant(canaryAges([idleSeconds, idleSeconds / 2]), wait, signal);
  return canaries.planted ? canaries : undefined;
}

/** What a record of this store holds; undefined where that is not known: a strange record might harm the application. */
async function likeRecords(
  { target, parameters, initializer }: Policy,
  store: RecordStore,
  now: number,
): Promise<((id: string) => Uint8Array) | undefined> {
  const id = await newestOf(store);
  const record = id === undefined ? undefined : await store.read(id);
  if (record !== undefined) return recordFacts(record.bytes, now).isWebpy ? copiesOf(record, now) : undefined;
  const isWebpy = target?.cookie === defaultParameters().cookie_name || Object.keys(parameters).length > 0;
  if (!isWebpy) return undefined;
  // No record to copy: as web.py makes one for a new visitor, with what the policy says a session begins with.
  const begins = Object.entries(initializer).filter(([, value]) => value === null || typeof value !== 'object');
  return (name) => encodeSession(new Map<string, unknown>([...begins, ['session_id', name], ['ip', null]]) as never);
}
