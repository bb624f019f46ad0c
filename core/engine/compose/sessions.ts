import { guarded } from '../../model/failures.ts';
import { Registry, type RegistryPorts } from '../../registry/registry.ts';
import { archiveOf } from '../../workspace/archive.ts';
import { JoinedApplications } from '../joined-applications.ts';
import { MeasuredTimeouts } from '../measured-timeouts.ts';
import { decodeRecord } from '../record-codec.ts';
import type { Base } from './base.ts';
import type { Stores } from './stores.ts';

const TICK_MS = 1_000;

/** The registry of sessions. It learns of flows and records by what is composed after it. */
export function composeSessions({ workspace, clock, emitter, stores }: Base & Pick<Stores, 'stores'>) {
  const joined = new JoinedApplications(workspace.settings);
  const timeouts = new MeasuredTimeouts(workspace.settings);
  const registry = new Registry({
    archive: archiveOf(workspace),
    clock,
    decode: (bytes) => decodeRecord(bytes).value,
    joined: (host, issuer) => joined.has(host, issuer),
    hasStores: () => stores.size > 0,
    timeoutSeconds: (host) => timeouts.of(host),
  } satisfies RegistryPorts);
  registry.onChange(({ updated, removed, touched }) => {
    if (updated.length > 0 || removed.length > 0) {
      emitter.emit('sessions.changed', { updated: [...updated], removed: [...removed] });
    }
    if (touched.length > 0) emitter.emit('sessions.touched', { keys: [...touched] });
  });
  const ticking = setInterval(() => guarded('timer of the registry', () => registry.tick()), TICK_MS);
  return {
    service: { registry, joined, timeouts },
    async close() {
      clearInterval(ticking);
      registry.announce();
      registry.close();
    },
  };
}
