import { inBackground } from '../../model/failures.ts';
import type { SessionState } from '../../model/session.ts';
import { RecordWatch, type RecordWatchPorts } from '../../registry/record-watch.ts';
import type { Registry } from '../../registry/registry.ts';
import { companionsIn, surroundingsOf } from '../companions.ts';
import { noteAnswers } from '../cookie-answers.ts';
import { CookieIssuers } from '../cookie-issuers.ts';
import { systemProcesses } from '../find-stores/system.ts';
import { codecHandlers } from '../handlers/codec.ts';
import { recordHandlers } from '../handlers/records.ts';
import { sessionHandlers } from '../handlers/sessions.ts';
import type { JoinedApplications } from '../joined-applications.ts';
import { LossWatch } from '../loss-watch.ts';
import type { MeasuredTimeouts } from '../measured-timeouts.ts';
import { noticeOf } from '../notice-service.ts';
import { decodeCookieValue } from '../record-codec.ts';
import { ValueWatch } from '../value-watch.ts';
import { WhyService } from '../why-service.ts';
import type { Base } from './base.ts';
import type { Editing } from './editing.ts';
import type { Stores } from './stores.ts';
import type { Traffic } from './traffic.ts';

/** States that are no end. */
const QUIET: ReadonlySet<SessionState> = new Set(['anonymous', 'live', 'unknown', 'continued']);

/** Joins what passes with what is stored: each flow goes to the registry, and the records of its sessions are read. */
export function composeRecords(
  ports: Base &
    Stores &
    Traffic &
    Editing & { readonly registry: Registry; readonly joined: JoinedApplications; readonly timeouts: MeasuredTimeouts },
) {
  const { workspace, clock, emitter, notices, pool, tasks, bodies, unsent } = ports;
  const { stores, layers, keys, decode, traffic, registry, joined, timeouts, records, undo, cookies, port } = ports;
  const companionsOf = companionsIn((id) => workspace.flows.get(id));
  const around = surroundingsOf(keys, companionsOf);
  const values = new ValueWatch({
    registry,
    pool,
    surroundings: around,
    recordOptions: (storeId, id) => {
      const as = layers.of(storeId, id);
      return { secrets: keys.of(`store ${storeId}`), ...(as !== undefined && { as }) };
    },
    readRecord: async (storeId, id) => (await stores.get(storeId).read(id))?.bytes,
  });
  const watch = new RecordWatch({
    registry,
    clock,
    beforeLooking: traffic.settle,
    decode: async ({ id, bytes }, storeId) => (await decode(storeId, id, bytes)).value,
    decodeBefore: async (storeId, id, bytes) => (await decode(storeId, id, bytes)).value,
    decodeCookie: (raw, session) => {
      const { carrier, host } = session;
      return decodeCookieValue(raw, {
        secrets: keys.of(`site ${host}`),
        ...(carrier.kind === 'cookie' && { name: carrier.name }),
      });
    },
    onProblem: (storeId, problem) => stores.setProblem(storeId, problem),
    onChanged: ({ storeId, record, flowId }) => {
      const flow = flowId === undefined ? undefined : workspace.flows.summary(flowId);
      const noticed = undo.recordChanged({
        storeId,
        recordId: record.id,
        bytes: record.bytes,
        by: flow === undefined ? 'the application' : `${flow.method} ${flow.url}`,
        ...(flow === undefined ? {} : { startedAt: flow.startedAt, flowId: flow.id }),
      });
      inBackground('noticing that a record was overwritten', noticed);
    },
  } satisfies RecordWatchPorts);
  keys.onChange((place) => {
    watch.forgetDecoded();
    const touched = registry
      .hot()
      .filter(
        ({ host, record }) => place === `site ${host}` || (record !== undefined && place === `store ${record.storeId}`),
      )
      .map(({ key }) => key);
    for (const key of touched) {
      watch.lookAgain(key);
      inBackground('decoding with other keys', watch.refresh(key));
    }
    values.look(touched);
    emitter.emit('sessions.touched', { keys: touched });
  });
  const issuers = new CookieIssuers({ registry, issuerOf: (session) => cookies.issuerOf(session) });
  const why = new WhyService({
    workspace,
    bodies,
    unsent,
    registry,
    stores,
    keysOf: (host) => keys.of(`site ${host}`),
    timeoutSeconds: (host) => timeouts.of(host),
    clock,
  });
  const losses = new LossWatch({
    registry,
    clock,
    explain: (key) => why.session(key, true),
    onLost: (key, loss) => {
      const host = registry.get(key)?.host ?? '';
      emitter.emit('session.lost', { key, host, loss });
    },
  });
  registry.onChange(({ updated }) => values.look(updated.map(({ key }) => key)));
  registry.onChange(({ updated }) =>
    losses.look(updated.filter(({ state }) => !QUIET.has(state)).map(({ key }) => key)),
  );
  stores.use({
    attached: ({ storeId, store, title }) => watch.attach(storeId, store, title),
    detached: (storeId) => watch.detach(storeId),
  });
  traffic.onFlow(({ flow, phase, sightings, news }) => {
    const keys = registry.saw(flow, sightings, phase === 'end');
    if (news.answered) noteAnswers(cookies, flow, sightings);
    if (phase !== 'start') watch.flowSeen(flow.id, keys);
    if (phase === 'end') {
      issuers.seen(keys);
      losses.flowEnded(flow, keys);
    }
  });
  return {
    service: { watch, why },
    handlers: {
      'flow.why': async ({ id }: { id: string }) => why.flow(id),
      ...sessionHandlers({
        registry,
        joined,
        watch,
        workspace,
        records,
        undo,
        cookies,
        stores,
        traffic,
        why,
        port,
        clock,
      }),
      ...recordHandlers({
        registry,
        workspace,
        records,
        undo,
        cookies,
        stores,
        watch,
        processes: systemProcesses(),
        clock,
      }),
      ...codecHandlers({ registry, stores, layers, keys, around, values, watch, pool, tasks, emitter }),
    },
    /** Sorts out edits that were under way in a store when the program ended. */
    async recover(storeIds: readonly string[]): Promise<void> {
      for (const storeId of storeIds) {
        try {
          for (const { outcome, text } of await undo.recover(storeId)) {
            notices.notify({ level: outcome === 'unclear' ? 'warning' : 'info', message: text });
          }
        } catch (error) {
          notices.notify(noticeOf(error));
        }
      }
    },
    async close() {
      await values.close();
      await losses.close();
      watch.close();
    },
  };
}
