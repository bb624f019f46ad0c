import type { Handlers, HandlersOf } from '../../bridge/contract.ts';
import type { values as table } from '../../bridge/operations/values.ts';
import type { DecodePool, PoolJobOptions } from '../../codec/worker/decode-pool.ts';
import type { JobResults } from '../../codec/worker/messages.ts';
import { LAYERS } from '../../frameworks/codec.ts';
import type { Peel } from '../../model/peel.ts';
import { problem } from '../../model/problem.ts';
import type { StoredRecord } from '../../model/record.ts';
import type { RecordWatch } from '../../registry/record-watch.ts';
import type { Registry } from '../../registry/registry.ts';
import type { surroundingsOf } from '../companions.ts';
import type { Emitter } from '../emitter.ts';
import type { KeyService } from '../key-service.ts';
import type { LayerService } from '../layer-service.ts';
import type { StoreService } from '../store-service.ts';
import type { TaskService } from '../task-service.ts';
import type { ValueWatch } from '../value-watch.ts';

/** So many bytes of each depth go to the window. */
const MOST_SHOWN = 1_000_000;

export interface CodecHandlerPorts {
  readonly stores: StoreService;
  readonly pool: DecodePool;
  readonly tasks: TaskService;
  readonly layers: LayerService;
  readonly keys: KeyService;
  /** Keys, name and companions of a session's value. */
  readonly around: ReturnType<typeof surroundingsOf>;
  readonly values: Pick<ValueWatch, 'findings'>;
  readonly registry: Registry;
  readonly watch: RecordWatch;
  readonly emitter: Emitter;
}

/** Layers: of a record, of a cookie's value; where a value stands in the bytes. */
export function codecHandlers({
  stores,
  pool,
  tasks,
  layers,
  keys,
  around,
  values,
  registry,
  watch,
  emitter,
}: CodecHandlerPorts): HandlersOf<typeof table> & Pick<Handlers, 'record.peel' | 'record.span' | 'record.layers'> {
  const recordAt = async (storeId: string, id: string): Promise<StoredRecord> => {
    const record = await stores.get(storeId).read(id);
    if (record === undefined) throw problem('record-gone', 'The record is not in the store any more');
    return record;
  };
  const named = (storeId: string, id: string, as: readonly string[] | undefined) => {
    const chosen = as ?? layers.of(storeId, id);
    return { secrets: keys.of(`store ${storeId}`), ...(chosen !== undefined && { as: chosen }) };
  };
  /** What takes part in a cookie besides its value: the keys of its site, its name, the cookies that belong to it. */
  const surroundings = (sessionKey: string | undefined, made: Readonly<Record<string, string | null>> = {}) => {
    const session = sessionKey === undefined ? undefined : registry.get(sessionKey);
    if (session === undefined) return {};
    const all = around(session);
    return { ...all, companions: withoutNulls({ ...all.companions, ...made }) };
  };
  /** Keys that were typed for one look go before those that are kept. */
  const withKeys = (options: PoolJobOptions, typed: readonly string[] = []): PoolJobOptions =>
    typed.length === 0 ? options : { ...options, secrets: [...typed, ...(options.secrets ?? [])] };
  const given = (asked: {
    as?: readonly string[] | undefined;
    sessionKey?: string | undefined;
    companions?: Readonly<Record<string, string | null>> | undefined;
    typed?: readonly string[] | undefined;
    name?: string | undefined;
  }): PoolJobOptions => {
    const { as, sessionKey, companions = {}, typed, name } = asked;
    const session =
      sessionKey === undefined ? { companions: withoutNulls(companions) } : surroundings(sessionKey, companions);
    return { ...withKeys(session, typed), ...(as !== undefined && { as }), ...(name !== undefined && { name }) };
  };
  const peel = (bytes: Uint8Array, options: PoolJobOptions) =>
    tasks.run('Taking the layers off', (signal) => pool.peel(bytes, { ...options, signal }));

  return {
    'record.peel': async ({ storeId, id, as }) => {
      const record = await recordAt(storeId, id);
      return { ...peelOf(await peel(record.bytes, named(storeId, id, as))), revision: record.revision };
    },
    'record.span': async ({ storeId, id, path, as }) => {
      const { bytes, revision } = await recordAt(storeId, id);
      const span = await pool.spanOf(bytes, path, named(storeId, id, as));
      return { revision, inner: span?.inner ?? null, outer: span?.outer ?? null };
    },
    'record.layers': async ({ storeId, id, layers: chosen }) => {
      if (chosen !== null) {
        // Names that cannot be used at all are refused; whether the bytes can be read by them is shown.
        await peel((await recordAt(storeId, id)).bytes, { ...named(storeId, id, chosen) });
      }
      layers.name(storeId, id, chosen);
      const touched = registry.ofRecord(storeId, id).map(({ key }) => key);
      await Promise.all(touched.map((key) => watch.refresh(key)));
      emitter.emit('sessions.touched', { keys: touched });
      return {};
    },
    'layers.list': async () => ({
      layers: LAYERS.map(({ id, title, make }) => ({ id, title, kind: make.kind })),
    }),
    'value.decode': async ({ of, as, sessionKey, companions, keys: typed, name }) =>
      peelOf(await peel(bytesOf(of), given({ as, sessionKey, companions, typed, name }))),
    'value.findings': async ({ of, as, sessionKey, companions, keys: typed, name }) => {
      const bytes = bytesOf(of);
      const options = given({ as, sessionKey, companions, typed, name });
      return { findings: await values.findings(bytes, await pool.decode(bytes, options), options) };
    },
    'value.edit': async ({ of, edits, as, sessionKey, companions: made = {}, stamp, keys: typed, name }) => {
      const options = { ...given({ as, sessionKey, companions: made, typed, name }), ...(stamp && { stamp }) };
      const { bytes, companions, signature } = await pool.applyEditsFully(bytesOf(of), edits, options);
      const whole = Buffer.from(bytes);
      const text = whole.toString('latin1');
      return {
        text,
        base64: whole.toString('base64'),
        companions: { ...made, ...companions },
        ...(signature && { signature }),
      };
    },
  };
}

function bytesOf(given: { text: string } | { base64: string }): Uint8Array {
  if ('base64' in given) return Buffer.from(given.base64, 'base64');
  // Headers are bytes; a character that is none has no place in one.
  if (/[^\0-\xff]/.test(given.text)) {
    throw problem('bad-request', 'The text holds characters that are no bytes', {
      remedy: 'Write them in the encoding that the application uses.',
    });
  }
  return Buffer.from(given.text, 'latin1');
}

function peelOf(peeled: JobResults['peel']): Peel {
  const { layers, value, lossless, error, steps, inputs, warnings, signature } = peeled;
  return {
    layers,
    value,
    lossless,
    ...(error === undefined ? {} : { error }),
    ...(signature === undefined ? {} : { signature }),
    steps: steps.map((step, i) => {
      const shown = (inputs[i] ?? new Uint8Array()).subarray(0, MOST_SHOWN);
      return {
        ...step,
        base64: Buffer.from(shown.buffer, shown.byteOffset, shown.length).toString('base64'),
        kept: shown.length,
        warnings: warnings.filter(({ layer }) => layer === step.id),
      };
    }),
  };
}

function withoutNulls(all: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== null));
}
