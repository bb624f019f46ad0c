import { decodeBody } from '../capture/decode-body.ts';
import { domainMatches } from '../cookies/cookie-rules.ts';
import type { Exchange, Facts, RecordFact, Rules } from '../diagnosis/facts.ts';
import { isTwinHost } from '../diagnosis/loss.ts';
import { headersOf, readExchange, visitorOf } from '../diagnosis/read-exchanges.ts';
import { entryOf } from '../editing/edit-entry.ts';
import type { Framework } from '../frameworks/framework.ts';
import { frameworkById, frameworkOf } from '../frameworks/recognise.ts';
import type { Flow } from '../model/flow.ts';
import type { EditKind, SessionSummary, TimelineEntry } from '../model/session.ts';
import { webAddress } from '../model/web-address.ts';
import type { LiveSession, Registry } from '../registry/registry.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { decodeRecord } from './record-codec.ts';
import type { StoreService } from './store-service.ts';

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
  readonly registry: Pick<Registry, 'hot'>;
  readonly stores: Pick<StoreService, 'size' | 'list'>;
  /** The idle limit that the lab measured at a host. */
  readonly timeoutSeconds: (host: string) => number | undefined;
  /** Keys that are known for the values of a site. */
  readonly keysOf: (host: string) => readonly string[];
  readonly unsent: { reasonsFor(url: string, name: string, at: number): readonly string[] | undefined };
}

/** Gathers what the causes reason about for one session of the workspace. Reads only. */
export async function sessionFacts(
  session: LiveSession,
  summary: SessionSummary,
  { workspace, bodies, unsent, registry, stores, keysOf, timeoutSeconds }: FactsPorts,
  { most = MOST_FLOWS, flowId }: { readonly most?: number; readonly flowId?: string } = {},
): Promise<Facts> {
  const name = session.carrier.kind === 'url' ? session.carrier.parameter : session.carrier.name;
  const domain = session.carrier.kind === 'cookie' ? session.carrier.domain : undefined;
  const flows = flowsOfSite(session.host, workspace, most, domain);
  const texts = await textsOf(flows, bodies);
  const all = flows
    .map((flow) => ({ flow, exchange: readExchange(flow, texts.get(flow.id) ?? '') }))
    .toSorted((a, b) => a.exchange.at - b.exchange.at);
  const mine = new Set(
    all
      // `flowId`: a request that is asked about belongs to the story, whoever sent it.
      .filter(({ flow, exchange }) => flow.id === flowId || carries(exchange, name, session.raw))
      .map(({ flow }) => visitorOf(flow)),
  );
  const isMine = ({ flow, exchange }: (typeof all)[number]): boolean =>
    mine.has(visitorOf(flow)) || carries(exchange, name, session.raw);
  const entries = workspace.timeline.list(session.key, { limit: MOST_ENTRIES }).toReversed();
  const { payload } = summary.clocks;
  return {
    subject: {
      name,
      host: session.host,
      ...(domain === undefined ? {} : { domain }),
      value: session.raw,
      ...(payload === undefined ? {} : { payloadExpires: payload.expires }),
      ...signatureOf(session, keysOf),
    },
    exchanges: all.filter(isMine).map(({ exchange }) => exchange),
    others: all.filter((one) => !isMine(one)).map(({ exchange }) => exchange),
    records: recordFacts(entries, session, kindOf(session, stores), (editId) => {
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
    rules: rulesOf(session, timeoutSeconds),
    ...storeNews(session, registry),
    storesAttached: stores.size > 0,
  };
}

/** The same where no session is known: all that one visitor exchanged with the site of a flow. */
export async function visitorFacts(
  flow: Flow,
  { workspace, bodies }: Pick<FactsPorts, 'workspace' | 'bodies'>,
): Promise<Facts> {
  const { host } = webAddress(flow.request.url);
  const flows = flowsOfSite(host, workspace, MOST_FLOWS);
  const texts = await textsOf(flows, bodies);
  const visitor = visitorOf(flow);
  const all = flows.map((one) => readExchange(one, texts.get(one.id) ?? '')).toSorted((a, b) => a.at - b.at);
  return {
    subject: { name: '', host, value: '' },
    exchanges: all.filter((one) => one.visitor === visitor),
    others: all.filter((one) => one.visitor !== visitor),
    records: [],
    browser: [],
    rules: {},
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
function flowsOfSite(host: string, workspace: Workspace, most: number, domain?: string): Flow[] {
  const { hostname } = webAddress(`http://${host}`);
  const summaries = workspace.flows.list({ limit: most });
  return summaries
    .filter(({ url, origin }) => {
      if (origin?.experiment !== undefined || origin?.replayOf !== undefined) return false;
      const address = webAddress(url);
      return (
        address.hostname === hostname ||
        isTwinHost(address.host, host) ||
        (domain !== undefined && domainMatches(address.hostname, domain))
      );
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
  storeKind: string | undefined,
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
        facts.push({
          ...at,
          kind: 'gone',
          lastUsed: record?.lastUsed ?? null,
          removedHere,
          ...(record?.expires === undefined ? {} : { expires: record.expires }),
          ...(storeKind === undefined ? {} : { storeKind }),
        });
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

/** What is known of the value and of the application's rules, for a session that goes on. */
export function standing(
  session: LiveSession,
  { keysOf, timeoutSeconds }: Pick<FactsPorts, 'keysOf' | 'timeoutSeconds'>,
): { readonly selfContained: boolean; readonly rules: Rules } {
  return {
    selfContained: signatureOf(session, keysOf).selfContained === true,
    rules: rulesOf(session, timeoutSeconds),
  };
}

export function kindOf({ record }: LiveSession, stores: Pick<StoreService, 'list'>): string | undefined {
  return record === undefined ? undefined : stores.list().find(({ storeId }) => storeId === record.storeId)?.kind;
}

/** What became of the other records of the session's store, as far as they are in memory. */
function storeNews(
  { key, record }: LiveSession,
  registry: Pick<Registry, 'hot'>,
): Pick<Facts, 'othersGone' | 'othersKept'> {
  if (record?.goneAt === undefined) return {};
  const others = registry.hot().filter((one) => one.key !== key && one.record?.storeId === record.storeId);
  return {
    othersGone: others.flatMap((one) => one.record?.goneAt ?? []),
    othersKept: others.filter((one) => one.record?.goneAt === undefined).length,
  };
}

/** Whether the value carries the data itself, and whether its signature fits a key that is known here. */
function signatureOf(
  { raw, host, carrier, inside, record }: LiveSession,
  keysOf: FactsPorts['keysOf'],
): Pick<Facts['subject'], 'signature' | 'selfContained'> {
  if (carrier.kind !== 'cookie') return {};
  const { signature, value } = decodeRecord(Buffer.from(raw, 'latin1'), { secrets: keysOf(host), name: carrier.name });
  const holdsData = value !== null && /^(dict|list|storage|ordereddict|php-array)$/.test(value.t);
  const selfContained = record === undefined && (inside !== undefined || holdsData);
  const state = signature?.state;
  return { selfContained, ...(state === undefined || state === 'none' ? {} : { signature: state }) };
}

/** What the framework of a session declares, where its name, value or record shows which one it is. */
export function frameworkOfSession({
  carrier,
  id,
  record,
}: Pick<LiveSession, 'carrier' | 'id' | 'record'>): Framework | undefined {
  const named = frameworkOf({
    name: carrier.kind === 'url' ? carrier.parameter : carrier.name,
    value: id,
    ...(record?.layout === undefined ? {} : { layout: record.layout }),
  });
  return named === undefined ? undefined : frameworkById(named.id);
}

function rulesOf(session: LiveSession, timeoutSeconds: FactsPorts['timeoutSeconds']): Rules {
  const measured = timeoutSeconds(session.host);
  const limit = measured === undefined ? {} : { idleSeconds: measured, idleSetting: 'the limit that the lab measured' };
  const framework = frameworkOfSession(session);
  if (framework === undefined || measured !== undefined) {
    return { ...limit, ...(framework === undefined ? {} : { framework: framework.title }) };
  }
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
