import { decodeBody } from '../capture/decode-body.ts';
import type { Exchange, Facts, RecordFact, Rules } from '../diagnosis/facts.ts';
import { isTwinHost } from '../diagnosis/loss.ts';
import { headersOf, readExchange, visitorOf } from '../diagnosis/read-exchanges.ts';
import { entryOf } from '../editing/edit-entry.ts';
import { frameworkById, frameworkOf } from '../frameworks/recognise.ts';
import type { Flow } from '../model/flow.ts';
import type { EditKind, SessionSummary, TimelineEntry } from '../model/session.ts';
import { webAddress } from '../model/web-address.ts';
import type { LiveSession } from '../registry/registry.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Flows that are looked through, newest first. */
const MOST_FLOWS = 3_000;
const MOST_ENTRIES = 500;
/** Pages that are read, newest first: what tells a login page from content. */
const MOST_BODIES = 300;
const MOST_BODY_BYTES = 300_000;

export interface FactsPorts {
  readonly workspace: Workspace;
  readonly bodies: { read(ref: string): Promise<Uint8Array> };
  /** Why a launched browser left a cookie out of a request, by its own word. */
  readonly unsent: { reasonsFor(url: string, name: string, at: number): readonly string[] | undefined };
}

/** Gathers what the causes reason about for one session of the workspace. Reads only. */
export async function sessionFacts(
  session: LiveSession,
  summary: SessionSummary,
  { workspace, bodies, unsent }: FactsPorts,
  most = MOST_FLOWS,
): Promise<Facts> {
  const name = session.carrier.kind === 'url' ? session.carrier.parameter : session.carrier.name;
  const flows = flowsOfSite(session.host, workspace, most);
  const texts = await textsOf(flows, bodies);
  const all = flows
    .map((flow) => ({ flow, exchange: readExchange(flow, texts.get(flow.id) ?? '') }))
    .toSorted((a, b) => a.exchange.at - b.exchange.at);
  const mine = new Set(
    all.filter(({ exchange }) => carries(exchange, name, session.raw)).map(({ flow }) => visitorOf(flow)),
  );
  const isMine = ({ flow, exchange }: (typeof all)[number]): boolean =>
    mine.has(visitorOf(flow)) || carries(exchange, name, session.raw);
  const entries = workspace.timeline.list(session.key, { limit: MOST_ENTRIES }).toReversed();
  const { payload } = summary.clocks;
  return {
    subject: {
      name,
      host: session.host,
      value: session.raw,
      ...(payload === undefined ? {} : { payloadExpires: payload.expires }),
    },
    exchanges: all.filter(isMine).map(({ exchange }) => exchange),
    others: all.filter((one) => !isMine(one)).map(({ exchange }) => exchange),
    records: recordFacts(entries, session, (editId) => {
      const logged = workspace.edits.get(editId);
      return logged === undefined ? undefined : entryOf(logged).what;
    }),
    browser: [
      ...refusedByBrowser(entries, name),
      ...all.flatMap(({ flow }) => {
        const reasons = unsent.reasonsFor(flow.request.url, name, flow.startedAt);
        return reasons === undefined ? [] : [{ flowId: flow.id, cookie: name, when: 'sending' as const, reasons }];
      }),
    ],
    rules: rulesOf(name, session.id),
  };
}

function refusedByBrowser(entries: readonly TimelineEntry[], name: string): Facts['browser'] {
  return entries.flatMap((entry) =>
    entry.kind === 'state' && entry.event.state === 'refused' && entry.event.because === 'browser'
      ? [
          {
            flowId: entry.event.flowId ?? entry.flowId ?? '',
            cookie: name,
            when: 'storing' as const,
            reasons: entry.event.reasons,
          },
        ]
      : [],
  );
}

/** Flows with the session's host on all of its ports, and with other names of it, that the debugger did not send itself. */
function flowsOfSite(host: string, workspace: Workspace, most: number): Flow[] {
  const { hostname } = webAddress(`http://${host}`);
  const summaries = workspace.flows.list({ limit: most });
  return summaries
    .filter(({ url, origin }) => {
      if (origin?.experiment !== undefined || origin?.replayOf !== undefined) return false;
      const address = webAddress(url);
      return address.hostname === hostname || isTwinHost(address.host, host);
    })
    .flatMap(({ id }) => workspace.flows.get(id) ?? []);
}

async function textsOf(flows: readonly Flow[], bodies: FactsPorts['bodies']): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { id, response } of flows) {
    if (texts.size >= MOST_BODIES) break;
    const ref = response?.body.ref;
    if (response === undefined || ref === undefined || response.body.kept > MOST_BODY_BYTES) continue;
    const headers = headersOf(response.rawHeaders);
    if (!/html|json|text/.test(headers.get('content-type') ?? '')) continue;
    try {
      const { bytes } = await decodeBody(await bodies.read(ref), headers.get('content-encoding'), MOST_BODY_BYTES);
      texts.set(id, bytes.toString('utf8'));
    } catch {
      // A body that the retention has removed tells nothing; the rest of the answer still does.
    }
  }
  return texts;
}

function carries({ cookies, set }: Exchange, name: string, value: string): boolean {
  return [...cookies, ...set].some((cookie) => cookie.name === name && cookie.value === value);
}

/** A record goes by its removal, and by taking back that a removed one was restored. */
function removesRecord(edit: EditKind | undefined, undone: boolean): boolean {
  return undone ? edit === 'record-restored' : edit === 'record-removed';
}

/** @param editKind what kind an edit of the log is, for entries that do not say it themselves */
function recordFacts(
  entries: readonly TimelineEntry[],
  { record }: LiveSession,
  editKind: (editId: string) => EditKind | undefined,
): RecordFact[] {
  const storeId = record?.storeId ?? '';
  const recordId = record?.id ?? '';
  const facts: RecordFact[] = [];
  let removedHere = false;
  for (const entry of entries) {
    const at = { at: entry.at, storeId, recordId, ...(entry.flowId === undefined ? {} : { flowId: entry.flowId }) };
    switch (entry.kind) {
      case 'edited':
        removedHere = removesRecord(entry.edit ?? editKind(entry.editId), entry.undone);
        break;
      case 'record-found':
        removedHere = false;
        facts.push({ ...at, kind: 'found', lastUsed: null });
        break;
      case 'record-gone':
        facts.push({ ...at, kind: 'gone', lastUsed: record?.lastUsed ?? null, removedHere });
        break;
      case 'data-changed': {
        const top = entry.differences.filter(({ path }) => path.length === 1);
        const lostKeys = top.filter(({ after }) => after === undefined).map(({ at: place }) => place);
        const gainedKeys = top.filter(({ before }) => before === undefined).map(({ at: place }) => place);
        facts.push({ ...at, kind: 'changed', lostKeys, gainedKeys });
        break;
      }
      case 'state':
        if (entry.event.state === 'unreadable') facts.push({ ...at, kind: 'unreadable', message: entry.event.message });
        break;
      default:
        break;
    }
  }
  return facts;
}

function rulesOf(name: string, value: string): Rules {
  const named = frameworkOf({ name, value });
  const framework = named === undefined ? undefined : frameworkById(named.id);
  if (framework === undefined) return {};
  const end = framework.ends?.find(({ by, setting }) => by !== 'cookie' && (setting?.defaultSeconds ?? null) !== null);
  return {
    framework: framework.title,
    ...(end?.setting === undefined
      ? {}
      : {
          idleSeconds: end.setting.defaultSeconds ?? 0,
          idleSetting: `${end.setting.name} (unless set otherwise)`,
          idleIsDefault: true,
        }),
  };
}
