import { createHash } from 'node:crypto';
import { decode, encodeNew } from '../../core/codec/codec.ts';
import { dictNode, intNode, strNode } from '../../core/codec/typed.ts';
import type { Flow } from '../../core/model/flow.ts';
import type { Sighting, TimelineEntry } from '../../core/model/session.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { Registry, type RegistryChange, type RegistryOptions } from '../../core/registry/registry.ts';
import { archiveOf } from '../../core/workspace/archive.ts';
import { openWorkspace, type Workspace } from '../../core/workspace/workspace.ts';
import { type FlowSketch, makeFlow, sightingsOf } from './flow-builder.ts';

export interface Harness {
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly changes: RegistryChange[];
  now: number;
  stores: boolean;
  /** One whole flow through workspace and registry. Returns the keys of its sessions. */
  pass(sketch: FlowSketch, name?: string): readonly string[];
  /** The only session, or the one with this id. */
  key(id?: string): string;
  timeline(key: string): TimelineEntry[];
  kinds(key: string): string[];
  close(): Promise<void>;
}

export async function harness(file = ':memory:', more: Partial<RegistryOptions> = {}): Promise<Harness> {
  const changes: RegistryChange[] = [];
  const workspace = await openWorkspace(file, { clock: () => self.now });
  const registry = new Registry({
    archive: archiveOf(workspace),
    clock: () => self.now,
    decode: (bytes) => decode(bytes).value,
    hasStores: () => self.stores,
    // Told when a test says so (`announce`), so that nothing depends on the time a test takes.
    announceMs: 600_000,
    ...more,
  });
  registry.onChange((change) => changes.push(change));
  const self: Harness = {
    workspace,
    registry,
    changes,
    now: 1_700_000_000_000,
    stores: false,
    pass(sketch, name = 'sid') {
      self.now += 1_000;
      const flow = makeFlow({ at: self.now, ...sketch });
      return passFlow(self, flow, sightingsOf(flow, name));
    },
    key(id) {
      const keys = [...registry.hot()].filter((session) => id === undefined || session.id === id).map(({ key }) => key);
      if (keys.length !== 1 || keys[0] === undefined) throw new Error(`${keys.length} sessions ${id ?? ''}`);
      return keys[0];
    },
    timeline: (key) => workspace.timeline.list(key, { limit: 100 }).reverse(),
    kinds: (key) => self.timeline(key).map(({ kind }) => kind),
    async close() {
      registry.close();
      await workspace.close();
    },
  };
  return self;
}

/** As the engine does it: begun, answered, ended. */
export function passFlow(
  { workspace, registry }: Harness,
  flow: Flow,
  sightings: readonly Sighting[],
): readonly string[] {
  const { response, endedAt, ...begun } = flow;
  workspace.flows.put(begun);
  registry.saw(begun, []);
  const answered: Flow = { ...begun, ...(response === undefined ? {} : { response }) };
  workspace.flows.put(answered);
  registry.saw(answered, sightings);
  workspace.flows.put(flow);
  return registry.saw(flow, [], endedAt !== undefined);
}

/** 40 hex digits as web.py makes them. */
export const HEX = (seed: string) => createHash('sha1').update(seed).digest('hex');

/** Data as web.py keeps it. */
export function data(id: string, fields: Readonly<Record<string, string | number>>): TypedNode {
  const pairs = Object.entries({ session_id: id, ip: '127.0.0.1', ...fields });
  return dictNode(
    pairs.map(([key, value]) => [strNode(key), typeof value === 'number' ? intNode(value) : strNode(value)]),
  );
}

/** Bytes as web.py writes them. */
export function record(id: string, fields: Readonly<Record<string, string | number>>): Uint8Array {
  return encodeNew(data(id, fields), ['base64', 'pickle']);
}
