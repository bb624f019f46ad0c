import { createHash } from 'node:crypto';
import type { DecodedData } from '../codec/codec.ts';
import type { DecodePool, PoolJobOptions } from '../codec/worker/decode-pool.ts';
import { valueForm } from '../frameworks/recognise.ts';
import { findingsOf, PUBLISHED_SECRETS, takesKey, weakKeysIn } from '../frameworks/weak-keys/findings.ts';
import type { ValueFinding } from '../model/finding.ts';
import { Recent } from '../model/recent.ts';
import type { SignatureView } from '../model/signature.ts';
import type { CheckedValue } from '../registry/live-session.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';
import { LookQueue } from './look-queue.ts';

/** Changes are gathered for so long. */
const WAIT_MS = 100;
const MOST_WAITING = 5_000;
/** Larger records are looked at when somebody opens them, not in passing. */
const MOST_BYTES = 64 * 1024;
/** Values whose findings are remembered: the same token comes in several sessions, and again after a start. */
const KEPT = 1_000;

export interface ValueWatchPorts {
  readonly registry: Registry;
  readonly pool: Pick<DecodePool, 'decode'>;
  /** Keys, name and companions of the session's value. */
  readonly surroundings: (session: LiveSession) => PoolJobOptions;
  /** Keys and layers of a record. */
  readonly recordOptions: (storeId: string, id: string) => PoolJobOptions;
  /** Its bytes as they are now; undefined when they cannot be read. Reading counts as no use. */
  readonly readRecord: (storeId: string, id: string) => Promise<Uint8Array | undefined>;
}

/**
 * Finds out for each session whether its signature fits the keys that are known, and what is wrong with its value by
 * itself. Keys that are published are tried offline, on what was captured; no request is made.
 */
export class ValueWatch {
  readonly #ports: ValueWatchPorts;
  readonly #queue: LookQueue;
  readonly #weak = new Recent<string, readonly ValueFinding[]>(KEPT);

  constructor(ports: ValueWatchPorts) {
    this.#ports = ports;
    this.#queue = new LookQueue({
      what: 'checking signatures',
      waitMs: WAIT_MS,
      most: MOST_WAITING,
      lookAt: (key) => this.#lookAt(key),
    });
  }

  /** These sessions have changed, or the keys for them have. */
  look(keys: readonly string[]): void {
    this.#queue.add(keys);
  }

  /** What is wrong with some bytes by themselves; `decoded` is what they are with the keys that are known. */
  async findings(bytes: Uint8Array, decoded: DecodedData, options: PoolJobOptions = {}): Promise<ValueFinding[]> {
    const own = findingsOf(decoded);
    if (!takesKey(decoded)) return own;
    const name = digestOf(bytes, JSON.stringify([options.name, options.as, options.companions]));
    let weak = this.#weak.get(name);
    if (weak === undefined) {
      const { secrets: _, ...rest } = options;
      weak = weakKeysIn(await this.#ports.pool.decode(bytes, { ...rest, secrets: PUBLISHED_SECRETS, elsewhere: true }));
      this.#weak.set(name, weak);
    }
    return [...weak, ...own];
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #lookAt(key: string): Promise<void> {
    const session = this.#ports.registry.get(key);
    if (session?.shown !== true || session.foreign !== undefined) return;
    const { record, carrier } = session;
    const joined = record?.goneAt === undefined && (record?.bytes ?? MOST_BYTES + 1) <= MOST_BYTES ? record : undefined;
    const options = this.#ports.surroundings(session);
    const raw = carrier.kind === 'header' ? session.id : session.raw;
    const mayBeSigned =
      session.inside !== undefined ||
      valueForm(session.id) !== undefined ||
      Object.keys(options.companions ?? {}).length > 0;
    if (!mayBeSigned && joined === undefined) return;
    const recordOptions = joined && this.#ports.recordOptions(joined.storeId, joined.id);
    const of = digestOf(
      Buffer.from(raw, 'latin1'),
      JSON.stringify([mayBeSigned && options, joined?.storeId, joined?.id, joined?.snapshot, recordOptions]),
    );
    if (session.checked?.of === of) return;
    const signatures: SignatureView[] = [];
    const findings: ValueFinding[] = [];
    const take = async (bytes: Uint8Array, how: PoolJobOptions): Promise<void> => {
      const decoded = await this.#ports.pool.decode(bytes, how);
      if (decoded.signature !== undefined) signatures.push(decoded.signature);
      else if (decoded.error?.kind === 'wrong-key' || decoded.error?.kind === 'needs-secret') {
        signatures.push(sealedView(decoded));
      }
      for (const one of await this.findings(bytes, decoded, how)) {
        if (!findings.some(({ id, source }) => id === one.id && source === one.source)) findings.push(one);
      }
    };
    if (mayBeSigned) await take(Buffer.from(raw, 'latin1'), options);
    if (joined !== undefined && recordOptions !== undefined) {
      const bytes = await this.#ports.readRecord(joined.storeId, joined.id);
      if (bytes !== undefined) await take(bytes, recordOptions);
    }
    if (this.#queue.closed) return;
    const signature = signatures.find(({ state }) => state === 'invalid') ?? signatures[0];
    const checked: CheckedValue = {
      of,
      ...(signature === undefined ? {} : { signature }),
      ...(findings.length === 0 ? {} : { findings }),
    };
    this.#ports.registry.noteChecked(key, checked);
  }
}

/** A sealed value that no key opens: the seal is its signature. */
function sealedView({ layers, error }: DecodedData): SignatureView {
  const scheme = layers.at(-1) ?? 'sealed';
  return { scheme, state: error?.kind === 'wrong-key' ? 'invalid' : 'unchecked' };
}

function digestOf(bytes: Uint8Array, more: string): string {
  return createHash('sha256').update(bytes).update('\0').update(more).digest('base64url').slice(0, 22);
}
