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
import type { CompanionsOf } from '../companions.ts';
import type { Emitter } from '../emitter.ts';
import type { KeyService } from '../key-service.ts';
import type { LayerService } from '../layer-service.ts';
import type { StoreService } from '../store-service.ts';
import type { TaskService } from '../task-service.ts';

/** So many bytes of each depth go to the window. */
const MOST_SHOWN = 1_000_000;

export interface CodecHandlerPorts {
  readonly stores: StoreService;
  readonly pool: DecodePool;
  readonly tasks: TaskService;
  readonly layers: LayerService;
  readonly keys: KeyService;
  readonly companionsOf: CompanionsOf;
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
  companionsOf,
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
    const { carrier, host } = session;
    return {
      secrets: keys.of(`site ${host}`),
      companions: withoutNulls({ ...companionsOf(session), ...made }),
      ...(carrier.kind === 'cookie' && { name: carrier.name }),
    };
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
    'value.decode': async ({ of, as, sessionKey, companions }) =>
      peelOf(await peel(bytesOf(of), { ...surroundings(sessionKey, companions), ...(as !== undefined && { as }) })),
    'value.edit': async ({ of, edits, as, sessionKey, companions: made = {}, stamp }) => {
      const options = { ...surroundings(sessionKey, made), ...(as !== undefined && { as }), ...(stamp && { stamp }) };
      const { bytes, companions } = await pool.applyEditsFully(bytesOf(of), edits, options);
      const whole = Buffer.from(bytes);
      const text = whole.toString('latin1');
      return { text, base64: whole.toString('base64'), companions: { ...made, ...companions } };
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
