import type { Handlers } from '../../bridge/contract.ts';
import type { BodyStore } from '../../capture/body-store.ts';
import { transportDecoded } from '../../capture/value-shape.ts';
import { tokenizeCookie } from '../../cookies/tokenizer.ts';
import type { CookieProof } from '../../model/app.ts';
import type { Flow } from '../../model/flow.ts';
import { problem } from '../../model/problem.ts';
import { webAddress } from '../../model/web-address.ts';
import { observe } from '../../policy/judge/observation.ts';
import { isSafeToRepeat, proveIt } from '../../policy/prove-it.ts';
import type { Replay } from '../../proxy/replay/replay-types.ts';
import { joinRecord } from '../../registry/record-match.ts';
import type { RecordWatch } from '../../registry/record-watch.ts';
import type { LiveSession, Registry } from '../../registry/registry.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { Emitter } from '../emitter.ts';
import { mustOwn } from '../own-session.ts';
import type { StoreService } from '../store-service.ts';
import { bodyOf } from './flows.ts';

/** How far back a request is looked for that can be repeated. */
const LOOKED_AT = 50;
/** Each cookie costs a request or two: beyond this the user chooses a smaller request. */
const MOST_COOKIES = 30;

export interface ProveHandlerPorts {
  readonly registry: Registry;
  readonly workspace: Pick<Workspace, 'flows'>;
  readonly replay: Replay;
  readonly bodies: Pick<BodyStore, 'read'>;
  readonly emitter: Emitter;
  readonly watch: Pick<RecordWatch, 'refresh'>;
  readonly stores: StoreService;
  readonly newId: () => string;
}

/** *Prove it*: which cookies keep the login, by leaving them out. */
export function proveHandlers(ports: ProveHandlerPorts): Pick<Handlers, 'session.prove'> {
  const { registry, workspace, replay, emitter } = ports;
  return {
    'session.prove': async ({ key, flowId, confirmed }) => {
      const session = mustOwn(registry, key);
      if (session.carrier.kind !== 'cookie') {
        throw problem('not-a-cookie', 'This session id is not carried by a cookie, so there is none to leave out');
      }
      const { name } = session.carrier;
      const flow = flowId === undefined ? newestFlow(ports, session, name) : workspace.flows.get(flowId);
      if (flow === undefined) {
        throw problem('no-flow', 'There is no request of this session that can be repeated', {
          remedy: 'Open a page that needs the login in the browser, then try again.',
        });
      }
      const { method, url } = flow.request;
      if (!isSafeToRepeat(flow) && confirmed !== true) {
        throw problem('unsafe-method', `${method} ${url} may change things each time it is sent`, {
          remedy: 'Choose a GET request, or confirm that this one may be repeated.',
        });
      }
      const values = cookiesOf(flow);
      if (values.size > MOST_COOKIES) {
        throw problem('too-many-cookies', `The request carries ${values.size} cookies, more than ${MOST_COOKIES}`);
      }
      // The session as the browser has it now, whatever the recorded request carried.
      values.set(name, session.raw);
      const names = [...values.keys()].sort(
        (a, b) => scoreOf(ports, flow, a, values) - scoreOf(ports, flow, b, values),
      );
      const begun = new Set<string>();
      let leftovers: CookieProof['leftovers'] = { removed: 0, left: [] };
      let used = 0;
      registry.beginRun(key, `prove-${ports.newId()}`);
      const proof = await proveIt(names, {
        send: async (keep) => {
          const cookies = Object.fromEntries(
            names.map((cookie) => [cookie, keep.has(cookie) ? (values.get(cookie) ?? null) : null]),
          );
          const [sent] = await replay(flow, { cookies }, { experiment: 'prove-it' });
          if (sent === undefined) throw new Error('a replay gave no flow');
          if (sent.response === undefined) throw noAnswer(sent);
          const { text } = await bodyOf(ports, sent, 'response');
          const carried = keep.has(name);
          if (carried) used += 1;
          const observation = observe(sent, text ?? '', name, carried ? session.raw : undefined);
          if (!carried && observation.newId !== undefined) begun.add(observation.newId);
          return observation;
        },
        progress: (done) =>
          emitter.emit('progress', {
            taskId: `prove-${key}`,
            title: `Which cookies keep the login? ${method} ${url}`,
            done,
            total: null,
            finished: false,
          }),
      }).finally(async () => {
        emitter.emit('progress', { taskId: `prove-${key}`, title: '', done: 0, total: 0, finished: true });
        // Also what a proof began that then failed.
        leftovers = await removeLeftovers(ports, session, begun);
        await ports.watch.refresh(key);
        registry.endRun(key);
      });
      if (proof.needed.length > 0) registry.proved(key, proof.needed.includes(name));
      return { ...proof, flowId: flow.id, request: `${method} ${url}`, used, leftovers };
    },
  };
}

function noAnswer({ request, error }: Flow) {
  const why = error ?? 'the connection was closed';
  return problem('no-answer', `The application did not answer ${request.method} ${request.url}: ${why}`, {
    remedy: 'See that it is running, then try again.',
  });
}

/**
 * An application begins a session for each request without its cookie, and may keep a record of it. Those that this proof
 * caused are removed from the session's store again; nothing else is touched.
 */
async function removeLeftovers(
  { stores, registry }: ProveHandlerPorts,
  { record: joined, id: own }: LiveSession,
  begun: ReadonlySet<string>,
): Promise<CookieProof['leftovers']> {
  const left: string[] = [];
  let removed = 0;
  const storeId = joined?.storeId;
  const store = storeId === undefined || !stores.has(storeId) ? undefined : stores.get(storeId);
  for (const raw of begun) {
    if (raw === own) continue;
    try {
      const found = store === undefined ? undefined : await joinRecord(store, { id: transportDecoded(raw), raw });
      // A record that a session is known to have is a visitor's, however it came to be named in an answer of the proof.
      const isKnown =
        storeId !== undefined && found !== undefined && registry.ofRecord(storeId, found.record.id).length > 0;
      if (found === undefined || store === undefined || storeId === undefined || isKnown) {
        left.push(raw);
        continue;
      }
      registry.expectWrite(storeId, found.record.id, new Uint8Array());
      if ((await store.remove(found.record.id, found.record.revision)) === 'written') removed += 1;
      else left.push(raw);
    } catch {
      left.push(raw);
    }
  }
  return { removed, left };
}

function newestFlow({ workspace }: ProveHandlerPorts, session: LiveSession, name: string): Flow | undefined {
  for (const { id, origin } of workspace.flows.list({ sessionKey: session.key, limit: LOOKED_AT })) {
    const flow = origin === undefined ? workspace.flows.get(id) : undefined;
    if (flow !== undefined && isSafeToRepeat(flow) && cookiesOf(flow).has(name) && flow.response !== undefined)
      return flow;
  }
  return undefined;
}

function cookiesOf(flow: Flow): Map<string, string> {
  const raw = flow.request.rawHeaders;
  const headers = raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'cookie');
  return new Map(
    headers
      .flatMap((header) => tokenizeCookie(header))
      .filter(({ hasEquals }) => hasEquals)
      .map(({ name, value }) => [name, value]),
  );
}

function scoreOf(
  { registry }: ProveHandlerPorts,
  flow: Flow,
  name: string,
  values: ReadonlyMap<string, string>,
): number {
  const host = webAddress(flow.request.url).host;
  return registry.find(host, { kind: 'cookie', name }, values.get(name) ?? '')?.score.value ?? 0;
}
