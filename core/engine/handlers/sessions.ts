import type { HandlersOf } from '../../bridge/contract.ts';
import type { sessions as table } from '../../bridge/operations/sessions.ts';
import type { RecordEditor } from '../../editing/record-editor.ts';
import type { Undo } from '../../editing/undo.ts';
import type { SessionDetail } from '../../model/app.ts';
import { inBackground } from '../../model/failures.ts';
import { type Problem, problem, toProblem } from '../../model/problem.ts';
import type { TimelineEntry } from '../../model/session.ts';
import { holdsData } from '../../registry/carrier-state.ts';
import { emptyReason } from '../../registry/empty-reason.ts';
import type { RecordWatch } from '../../registry/record-watch.ts';
import type { LiveSession, Registry } from '../../registry/registry.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { CookieService } from '../cookie-service.ts';
import type { JoinedApplications } from '../joined-applications.ts';
import { mustKnow, mustOwn } from '../own-session.ts';
import type { RecordedTraffic } from '../recorded-traffic.ts';
import type { StoreService } from '../store-service.ts';
import type { WhyService } from '../why-service.ts';

const LISTED = 10_000;
const FLOWS_OF_ONE = 200;

export interface SessionHandlerPorts {
  readonly registry: Registry;
  readonly joined: JoinedApplications;
  readonly watch: RecordWatch;
  readonly workspace: Workspace;
  readonly records: RecordEditor;
  readonly undo: Undo;
  readonly cookies: CookieService;
  readonly stores: StoreService;
  readonly traffic: RecordedTraffic;
  readonly why: WhyService;
  /** Where browsers reach the proxy. */
  readonly port: { readonly address: string };
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The list of sessions and one session with all that belongs to it. */
export function sessionHandlers(ports: SessionHandlerPorts): Omit<HandlersOf<typeof table>, 'session.prove'> {
  const { registry, joined, watch, workspace, records, undo, cookies, clock } = ports;

  return {
    'sessions.list': async ({ filter, limit = LISTED, after, lane }) => {
      registry.announce();
      const query = {
        limit: Math.min(limit, LISTED),
        ...(filter === undefined ? {} : { filter }),
        ...(after === undefined ? {} : { after }),
      };
      const { sessions, total: matching, all: total } = await workspace.lists.read('sessions', query, lane);
      const empty = sessions.length === 0 && after === undefined;
      return { sessions, total, matching, emptyReason: empty ? await whyEmpty(ports, filter, total) : null };
    },
    'session.detail': async ({ key }) => {
      const session = registry.get(key);
      const summary = registry.summary(key);
      if (session === undefined || summary === undefined) return { detail: null };
      const isCookie = session.carrier.kind === 'cookie' && session.foreign === undefined;
      const [found, browserCookie, standing] = await Promise.all([
        recordOf(ports, session),
        cookies.inBrowser(session),
        isCookie ? cookies.standing(session) : undefined,
      ]);
      // The store may have moved on since the registry read it, and back again before it reads it the next time: then
      // nothing would tell the window that what it was given here is over.
      const known = registry.get(key)?.record?.revision;
      if (found.record !== null && found.record.revision !== known) {
        inBackground(
          'reading a record again',
          watch.refresh(key).then(() => registry.touch(key)),
        );
      }
      const detail: SessionDetail = {
        summary,
        cookie: session.cookie ?? null,
        ...(session.foreign !== undefined || session.issuer === undefined || session.issuer === session.host
          ? {}
          : { joinedWith: session.issuer }),
        ...(browserCookie === undefined ? {} : { browserCookie }),
        ...(standing === undefined ? {} : { standing }),
        ...lastCleanup(registry, session),
        record: found.record,
        ...(found.problem === undefined ? {} : { recordProblem: found.problem }),
        flows: workspace.flows.list({ sessionKey: key, limit: FLOWS_OF_ONE }),
        edits: undo.list({ sessionKey: key, limit: 100 }),
      };
      return { detail };
    },
    'session.why': async ({ key }) => {
      const diagnosis = await ports.why.session(mustKnow(registry, key).key);
      if (diagnosis === undefined) throw problem('not-found', 'That session is not in this workspace any more');
      return diagnosis;
    },
    'session.outlook': async ({ key }) => {
      const answers = ports.why.outlook(mustKnow(registry, key).key);
      if (answers === undefined) throw problem('not-found', 'That session is not in this workspace any more');
      return { answers };
    },
    'session.timeline': async ({ key, before, limit }) => ({
      entries: oneForEachEdit(
        workspace.timeline.list(key, {
          limit: Math.min(limit, 1_000),
          ...(before === undefined ? {} : { before }),
        }),
      ),
    }),
    'session.overrule': async ({ key, verdict }) => {
      registry.overrule(mustKnow(registry, key).key, verdict);
      return {};
    },
    'session.join': async ({ key, joined: share }) => {
      const { host, issuer, foreign } = mustKnow(registry, key);
      const other = foreign?.issuer ?? issuer;
      if (other === undefined || other === host) {
        throw problem('nothing-to-do', 'No other application is known to have issued this cookie');
      }
      joined.set(host, other, share);
      await Promise.all(registry.joinedChanged(host).map((changed) => watch.refresh(changed)));
      return {};
    },
    'session.kill': async ({ key }) => {
      const { record } = mustOwn(registry, key);
      if (record === undefined || record.goneAt !== undefined) {
        throw problem('no-record', 'There is no record of this session in any attached store', {
          remedy: 'Attach the store of the application, then kill the session again.',
        });
      }
      const { editId } = await records.remove({ storeId: record.storeId, id: record.id, sessionKey: key });
      registry.recordGone({ key, at: clock(), byUs: true });
      return { editId };
    },
  };
}

/** An edit that was undone or done again is one entry, as it stands now; newest first. */
function oneForEachEdit(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (entry.kind !== 'edited') return true;
    const isFirst = !seen.has(entry.editId);
    seen.add(entry.editId);
    return isFirst;
  });
}

function lastCleanup(registry: Registry, { record }: LiveSession): Pick<SessionDetail, 'lastCleanup'> {
  const at = record === undefined ? undefined : registry.lastCleanup(record.storeId);
  return at === undefined ? {} : { lastCleanup: at };
}

async function recordOf(
  { records, stores }: SessionHandlerPorts,
  { record, foreign, raw, inside }: LiveSession,
): Promise<{ record: SessionDetail['record']; problem?: Problem }> {
  if (foreign !== undefined) {
    const message = `${foreign.issuer} issued this cookie; it has no record in the stores of this application`;
    return { record: null, problem: { kind: 'other-application', message } };
  }
  if (record === undefined && (inside !== undefined || holdsData(raw))) {
    return {
      record: null,
      problem: {
        kind: 'data-in-cookie',
        message: 'The data of this session is in the cookie itself',
        remedy: 'The tab Cookie shows and changes it; a sealed value needs the key of the application.',
      },
    };
  }
  if (record === undefined) {
    return {
      record: null,
      problem:
        stores.size === 0
          ? {
              kind: 'no-store',
              message: 'No store is attached',
              remedy: 'Attach the application’s store to see the data of this session.',
            }
          : {
              kind: 'no-record',
              message: 'No attached store has a record of this session',
              remedy:
                'Attach the store that the application uses, or look whether it keeps its data in the cookie itself.',
            },
    };
  }
  try {
    const found = await records.view(record.storeId, record.id);
    if (found !== null) return { record: found };
    return {
      record: null,
      problem: { kind: 'record-gone', message: `The record ${record.id} is not in the store any more` },
    };
  } catch (error) {
    return { record: null, problem: toProblem(error) };
  }
}

async function whyEmpty(
  { workspace, traffic, port }: SessionHandlerPorts,
  filter: string | undefined,
  total: number,
): Promise<string> {
  const { total: flows } = await workspace.lists.read('flows', { limit: 1 });
  const candidates = workspace.settings.carriers(20).map(({ name }) => name);
  return emptyReason({
    ...(filter !== undefined && total > 0 ? { hiddenByFilter: filter } : {}),
    recording: traffic.capture.recording,
    flows,
    flowsWithCookies: candidates.length === 0 ? 0 : flows,
    candidates,
    proxy: port.address,
  });
}
