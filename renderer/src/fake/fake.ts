import type { EventName, EventOf, Handlers } from '../../../core/bridge/contract.ts';
import { answer, type Transport } from '../../../core/bridge/wire.ts';
import { diff } from '../../../core/codec/diff.ts';
import { formatPath } from '../../../core/codec/path.ts';
import { filterExpression } from '../../../core/filter/parse.ts';
import type { EditInfo, PracticeInfo, RuleInfo, RunningBrowser, StoreInfo } from '../../../core/model/app.ts';
import type { FlowSummary } from '../../../core/model/flow.ts';
import { problem } from '../../../core/model/problem.ts';
import type { RecordView, SessionSummary } from '../../../core/model/session.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { cookieChanged, fakeBody, fakeFlowDetail, fakeTimeline, judgeCookie } from './fake-answers.ts';
import { fakeCodec } from './fake-codec.ts';
import {
  browsersFound,
  cookieOf,
  dict,
  flow,
  hexId,
  int,
  manyNodes,
  recordView,
  sampleInfo,
  sampleSessions,
  sampleStores,
  session,
  shopData,
  str,
} from './fake-data.ts';
import { applyEdits } from './fake-edits.ts';
import { fakeLab } from './fake-lab.ts';
import { createFakeProxy } from './fake-proxy.ts';

/** `sample` unless named: what the fake engine knows at the start. */
export type Scenario = 'sample' | 'empty' | 'one' | 'many' | 'error' | 'conflict' | 'big';

/** An engine in memory behind the same contract, for component tests and development. */
export interface Fake {
  readonly transport: Transport;
  readonly handlers: Handlers;
  readonly calls: readonly { readonly method: string; readonly request: unknown }[];
  emit<E extends EventName>(name: E, event: EventOf<E>): void;
  /** The application uses a session: one more flow, `count` one higher. */
  use(key: string): void;
  /** A session that was not there before. */
  appear(n: number): void;
  /** A message that waits at a breakpoint. */
  hold(side?: 'request' | 'response'): void;
}

declare global {
  interface Window {
    fake?: Fake;
  }
}

export function createFake(scenarioName: string): Fake {
  const scenario = scenarioName as Scenario;
  const now = () => Date.now();
  const start = now();
  const listeners = new Set<(name: string, event: unknown) => void>();
  const calls: { method: string; request: unknown }[] = [];
  const emit: Fake['emit'] = (name, event) => {
    for (const listener of listeners) listener(name, event);
  };

  const sessions = new Map<string, SessionSummary>();
  const initial =
    scenario === 'empty'
      ? []
      : scenario === 'one'
        ? sampleSessions(start).slice(0, 1)
        : scenario === 'many'
          ? Array.from({ length: 10_000 }, (_, n) => session(n, start, { host: `app${n % 40}.test` }))
          : sampleSessions(start);
  for (const one of initial) sessions.set(one.key, one);
  const flowCount = scenario === 'empty' ? 0 : scenario === 'many' ? 5_000 : 60;
  let flows: FlowSummary[] = Array.from({ length: flowCount }, (_, n) => flow(n, start));
  if (scenario === 'sample') {
    flows.push(flow(60, start, { id: 'ws', url: 'http://shop.test/live', status: 101, kind: 'websocket' }));
  }
  let stores: StoreInfo[] = scenario === 'empty' ? [] : [...sampleStores];
  let edits: EditInfo[] = [];
  let rules: RuleInfo[] = [];
  let running: RunningBrowser[] = [];
  let practice: PracticeInfo | null = null;
  let serial = 1;
  const settings: Record<string, unknown> = {};
  const values = new Map<string, { value: TypedNode; revision: number }>();
  const undo = new Map<string, { back(): void; again(): void }>();
  const proxy = { ...sampleInfo(false).proxy };

  for (const one of sessions.values()) {
    if (one.record === undefined) continue;
    const value =
      scenario === 'big'
        ? manyNodes(100_000)
        : one.key === 's1'
          ? shopData()
          : dict({ user: str('bob'), count: int(3) });
    values.set(one.record.id, { value, revision: 1 });
  }
  if (scenario !== 'empty') {
    for (let n = 100; n < 220; n++)
      values.set(hexId(n), { value: dict({ count: int(n), ip: str('127.0.0.1') }), revision: 1 });
  }

  const must = (key: string): SessionSummary => {
    const found = sessions.get(key);
    if (found === undefined) throw problem('not-found', 'This session is no longer in the workspace');
    return found;
  };
  const view = (storeId: string, id: string): RecordView | null => {
    const held = values.get(id);
    return held === undefined ? null : recordView(storeId, id, held.value, `r${held.revision}`, now());
  };
  const touched = (id: string) => {
    const keys = [...sessions.values()].filter((one) => one.record?.id === id || one.id === id).map((one) => one.key);
    emit('sessions.touched', { keys });
  };
  const write = (id: string, value: TypedNode | undefined) => {
    if (value === undefined) values.delete(id);
    else values.set(id, { value, revision: (values.get(id)?.revision ?? 0) + 1 });
    touched(id);
  };
  const keep = (edit: Omit<EditInfo, 'editId' | 'at' | 'state'>, back: () => void, again: () => void): string => {
    const editId = `e${serial++}`;
    edits = [{ ...edit, editId, at: now(), state: 'applied' }, ...edits];
    undo.set(editId, { back, again });
    emit('edits.changed', { edits });
    return editId;
  };
  const update = (key: string, change: Partial<SessionSummary>) => {
    const next = { ...must(key), ...change };
    sessions.set(key, next);
    emit('sessions.changed', { updated: [next], removed: [] });
    emit('sessions.touched', { keys: [key] });
  };
  const matches = (one: SessionSummary, filter: string) =>
    filter
      .toLowerCase()
      .split(/\s+/)
      .every((word) => {
        const value = word.replace(/^(host|cookie|state|id):/, '');
        const hay = `${one.host} ${one.id} ${one.state} ${one.label ?? ''} ${JSON.stringify(one.carrier)}`;
        return hay.toLowerCase().includes(value);
      });
  let conflictOnce = scenario === 'conflict';

  const fakeProxy = createFakeProxy({
    emit,
    addRule: (rule) => {
      rules = [...rules, rule];
      emit('rules.changed', { rules });
    },
    addFlow: (one) => {
      flows = [one, ...flows];
      emit('flows.changed', { flows: [one] });
    },
    flows: () => flows,
    certificate: sampleInfo(false).certificate,
  });

  const keyRing = new Map<string, { id: string; bytes: number }[]>();
  const handlers: Handlers = {
    ...fakeProxy.handlers,
    ...fakeCodec(view),
    'keys.list': async ({ place }) => ({ keys: keyRing.get(place) ?? [] }),
    'keys.add': async ({ place, key }) => {
      const id = `${place} ${key}`.length.toString(16).padStart(12, '0');
      keyRing.set(place, [{ id, bytes: key.length }, ...(keyRing.get(place) ?? [])]);
      return { keys: keyRing.get(place) ?? [] };
    },
    'keys.offers': async () => ({
      offers: [{ file: '.env', line: 3, setting: 'SESSION_SECRET', id: '4f1c0a9be210', bytes: 32 }],
    }),
    'keys.take': async ({ place, id }) => {
      keyRing.set(place, [{ id, bytes: 32 }, ...(keyRing.get(place) ?? [])]);
      return { keys: keyRing.get(place) ?? [] };
    },
    'keys.remove': async ({ place, id }) => {
      keyRing.set(
        place,
        (keyRing.get(place) ?? []).filter((key) => key.id !== id),
      );
      return { keys: keyRing.get(place) ?? [] };
    },
    'agents.list': async () => ({ agents: [] }),
    'agent.decide': async () => ({}),
    'agent.stop': async () => ({}),
    'app.info': async () => ({ ...sampleInfo(false), proxy }),
    'app.pickFile': async () => ({ path: null }),
    'app.saveFile': async ({ name }) => ({ path: `/home/you/${name}` }),
    'settings.get': async () => ({ values: settings }),
    'settings.set': async ({ key, value }) => {
      settings[key] = value;
      return {};
    },
    'sessions.list': async ({ filter, limit = 10_000, after }) => {
      filterExpression(filter);
      if (scenario === 'error') {
        throw problem('workspace-locked', 'The workspace file is in use by another Sessionscope', {
          remedy: 'Close the other window, or start this one with --workspace and another file.',
          where: sampleInfo(false).workspaceFile,
        });
      }
      const all = [...sessions.values()];
      const shown = filter === undefined ? all : all.filter((one) => matches(one, filter));
      const emptyReason =
        all.length > 0
          ? null
          : flows.length === 0
            ? 'No request has passed through the proxy yet.'
            : 'Cookies were seen, but none looks like a session.';
      const sorted = shown.toSorted((a, b) => b.lastActivity - a.lastActivity || (a.key < b.key ? 1 : -1));
      const from = after === undefined ? 0 : sorted.findIndex(({ key }) => key === after.key) + 1;
      return { sessions: sorted.slice(from, from + limit), total: all.length, matching: shown.length, emptyReason };
    },
    'session.detail': async ({ key }) => {
      const summary = sessions.get(key);
      if (summary === undefined) return { detail: null };
      const record = summary.record === undefined ? null : view(summary.record.storeId, summary.record.id);
      const recordProblem =
        record !== null
          ? {}
          : {
              recordProblem: {
                kind: 'not-found' as const,
                message:
                  summary.record === undefined ? 'No attached store has a record with this id' : 'Its record is gone',
                remedy: 'Attach the store in which the application keeps its sessions.',
              },
            };
      const cookie = cookieOf(summary, start);
      return {
        detail: {
          summary,
          cookie,
          ...(cookie !== null && summary.identity !== undefined ? { browserCookie: cookie } : {}),
          record,
          ...recordProblem,
          flows: flows.filter((one) => one.sessions.includes(key)).slice(0, 200),
          edits: edits.filter((one) => one.sessionKey === key),
        },
      };
    },
    'session.timeline': async ({ key, before, limit }) => {
      must(key);
      const all = fakeTimeline(
        start,
        edits.filter((one) => one.sessionKey === key),
      );
      return { entries: all.filter((one) => before === undefined || one.seq < before).slice(0, limit) };
    },
    'session.overrule': async ({ key, verdict }) => {
      const { score } = must(key);
      const { verdict: _, ...guess } = score;
      update(key, { score: verdict === null ? guess : { ...guess, verdict } });
      return {};
    },
    'session.outlook': async () => ({
      answers: [
        {
          trial: 'browser-restart',
          verdict: 'no',
          sentence: 'sid ends with the browser.',
          because: ['Set-Cookie: sid=…; Path=/'],
        },
        { trial: 'night', verdict: 'depends', sentence: 'The limit is not known.', because: [] },
      ],
    }),
    'flow.why': async () => handlers['session.why']({ key: '' }),
    'session.why': async ({ key }) => {
      const { host, lastActivity } = must(key);
      return {
        loss: { kind: 'deleted', at: lastActivity, flowId: 'f1' },
        answer: 'GET /logout logged the user out: its answer deleted sid.',
        alarms: [],
        causes: [
          {
            id: 'logged-out',
            title: 'A logout',
            why: 'A logout deletes the cookie.',
            remedy: 'Nothing, if the user logged out.',
            certainty: 'certain',
            sentence: 'GET /logout logged the user out: its answer deleted sid.',
            evidence: [
              {
                flowId: 'f1',
                at: lastActivity,
                text: `Answer of ${host} to GET /logout`,
                line: 'Set-Cookie: sid=; Max-Age=0',
              },
            ],
          },
          {
            id: 'ended-by-application',
            title: 'The application ended it',
            why: 'An application ends sessions for reasons of its own.',
            remedy: 'Attach the store of the application.',
            certainty: 'possible',
            sentence: 'The browser sent sid, and the application deleted sid.',
            evidence: [{ flowId: 'f1', at: lastActivity, text: 'Answered 302' }],
            missing: ['The record in the application’s store: attach it'],
          },
        ],
      };
    },
    'session.prove': async ({ key }) => {
      const { carrier, host } = must(key);
      const name = carrier.kind === 'cookie' ? carrier.name : 'sid';
      return {
        flowId: 'f1',
        request: `GET http://${host}/account`,
        cookies: [
          { name, without: 'refused', flowId: 'f2', needed: true },
          { name: 'lang', without: 'accepted', flowId: 'f3', needed: false },
        ],
        needed: [name],
        sentence: `${name} alone keeps the login; the other 1 do not matter.`,
        signs: ['with the session: status 200', 'without it: Location: /login'],
        requests: 8,
        used: 5,
        leftovers: { removed: 3, left: [] },
      };
    },
    'session.join': async ({ key, joined }) => {
      const { foreign, ...own } = must(key);
      if (joined && foreign !== undefined) update(key, { ...own, foreign: undefined as never });
      return {};
    },
    'session.kill': async ({ key }) => {
      const summary = must(key);
      const id = summary.record?.id;
      if (id === undefined) throw problem('no-record', 'There is no record to remove');
      const held = values.get(id)?.value;
      const gone = () => {
        write(id, undefined);
        update(key, { state: 'ended', event: { state: 'ended', because: 'killed-here', at: Date.now() } });
      };
      gone();
      const editId = keep(
        { what: 'record-removed', text: `session ${summary.id.slice(0, 4)}… killed`, sessionKey: key },
        () => {
          write(id, held);
          update(key, { state: 'live', event: { state: 'live', because: 'record', at: Date.now() } });
        },
        gone,
      );
      return { editId };
    },
    'record.get': async ({ storeId, id }) => ({ record: view(storeId, id) }),
    'record.preview': async ({ storeId, id, edits: staged }) => {
      const held = view(storeId, id);
      if (held?.value == null) throw problem('not-found', 'The record is gone');
      const after = applyEdits(held.value, staged);
      return {
        differences: diff(held.value, after),
        bytesBefore: held.bytes,
        bytesAfter: held.bytes + 2,
        notes: [],
        after,
      };
    },
    'record.apply': async ({ storeId, id, edits: staged, revision, sessionKey }) => {
      const held = values.get(id);
      if (held === undefined) return { outcome: 'gone' as const };
      if (conflictOnce) {
        conflictOnce = false;
        write(id, applyEdits(held.value, [{ op: 'set', path: [{ kind: 'key', key: str('count') }], value: int(77) }]));
      }
      const current = view(storeId, id);
      if (current?.value == null) return { outcome: 'gone' as const };
      if (current.revision !== revision) {
        return {
          outcome: 'conflict' as const,
          current,
          mine: staged.map((edit) => ({ path: edit.path, at: formatPath(edit.path) })),
          theirs: diff(held.value, current.value),
        };
      }
      const before = current.value;
      const after = applyEdits(before, staged);
      write(id, after);
      const editId = keep(
        {
          what: 'record-data',
          text: staged.map((edit) => formatPath(edit.path)).join(', '),
          storeId,
          recordId: id,
          ...(sessionKey === undefined ? {} : { sessionKey }),
        },
        () => write(id, before),
        () => write(id, after),
      );
      const record = view(storeId, id);
      if (record === null) return { outcome: 'gone' as const };
      return { outcome: 'written' as const, editId, record };
    },
    'record.remove': async ({ storeId, id }) => {
      const held = values.get(id)?.value;
      write(id, undefined);
      const again = () => write(id, undefined);
      return { editId: keep({ what: 'record-removed', text: `record ${id}`, storeId }, () => write(id, held), again) };
    },
    'record.age': async ({ storeId, id, seconds }) => {
      const nothing = () => touched(id);
      const text = `last use back-dated by ${seconds} s`;
      const key = [...sessions.values()].find((one) => one.record?.id === id)?.key;
      const sessionKey = key === undefined ? {} : { sessionKey: key };
      return { editId: keep({ what: 'record-age', text, storeId, recordId: id, ...sessionKey }, nothing, nothing) };
    },
    'record.restore': async ({ id }) => {
      const held = values.get(id)?.value;
      const restore = () => write(id, shopData(40));
      restore();
      return { editId: keep({ what: 'record-restored', text: 'an earlier state' }, () => write(id, held), restore) };
    },
    'cookie.preview': async ({ key, change }) => {
      const cookie = cookieOf(must(key), start);
      const after = cookieChanged(cookie, change);
      return {
        before: cookie?.setCookie ?? '',
        after,
        notes: change.value === undefined ? [] : ['The browser keeps its old value until its next request.'],
        judgement: judgeCookie(after),
      };
    },
    'cookie.apply': async ({ key, change }) => {
      const summary = must(key);
      const after = cookieChanged(cookieOf(summary, start), change);
      const ruleId = `rule${serial++}`;
      const editId = keep(
        { what: 'cookie', text: `${after.split(';')[0] ?? ''}`, sessionKey: key },
        () => {
          rules = rules.filter((rule) => rule.ruleId !== ruleId);
          emit('rules.changed', { rules });
        },
        () => {},
      );
      const title = `Cookie ${after.split('=')[0] ?? ''} of ${summary.host}`;
      rules = [...rules, { ruleId, title, host: summary.host, enabled: true, applied: 0, editId }];
      emit('rules.changed', { rules });
      return {
        editId,
        after,
        appliedTo: ['requests to shop.test (rewritten by the proxy)', 'the next response'],
        lasts: true,
      };
    },
    'cookie.hold': async ({ editId }) => ({ editId, after: '', appliedTo: ['the next response'], lasts: true }),
    'cookie.judge': async ({ setCookie }) => judgeCookie(setCookie),
    'edits.list': async ({ sessionKey }) => ({
      edits: edits.filter((edit) => sessionKey === undefined || edit.sessionKey === sessionKey),
    }),
    'edit.undo': async ({ editId }) => {
      undo.get(editId)?.back();
      edits = edits.map((edit) => (edit.editId === editId ? { ...edit, state: 'undone' } : edit));
      emit('edits.changed', { edits });
      return {};
    },
    'edit.redo': async ({ editId }) => {
      undo.get(editId)?.again();
      edits = edits.map((edit) => (edit.editId === editId ? { ...edit, state: 'applied' } : edit));
      emit('edits.changed', { edits });
      return {};
    },
    'rules.list': async () => ({ rules }),
    'rule.enable': async ({ ruleId, enabled }) => {
      rules = rules.map((rule) => (rule.ruleId === ruleId ? { ...rule, enabled } : rule));
      emit('rules.changed', { rules });
      return {};
    },
    'rule.remove': async ({ ruleId }) => {
      rules = rules.filter((rule) => rule.ruleId !== ruleId);
      emit('rules.changed', { rules });
      return {};
    },
    'stores.list': async () => ({ stores }),
    'stores.find': async ({ key }) => ({
      processes: [{ pid: 4711, command: 'python3 app.py 8080', cwd: '/srv/shop' }],
      stores: [
        {
          address: 'found:shop',
          url: 'disk:/srv/shop/sessions',
          layout: 'web.py session files',
          reasons: ['DiskStore in app.py'],
          records: 3,
          first: ['5f2e8c1b9a'],
          contains: key === undefined ? null : true,
          problem: null,
        },
      ],
      notes: [],
    }),
    'stores.attach': async ({ address }) => {
      if (/nothing|missing/.test(address)) {
        throw problem('not-found', `There is no folder or file ${address}`, {
          remedy: 'Check the path. A DiskStore is a folder with one file for each session.',
          where: address,
        });
      }
      const store: StoreInfo = {
        storeId: `store${serial++}`,
        url: address.includes(':') ? address : `disk:${address}`,
        kind: address.startsWith('sqlite') ? 'sqlite' : 'disk',
        title: address.split('/').at(-1) ?? address,
        canWrite: true,
        canAge: true,
        watch: 'directory events',
        records: 3,
      };
      stores = [...stores, store];
      emit('stores.changed', { stores });
      return { store };
    },
    'stores.detach': async ({ storeId }) => {
      stores = stores.filter((store) => store.storeId !== storeId);
      emit('stores.changed', { stores });
      return {};
    },
    'stores.records': async ({ storeId, filter, offset, limit }) => {
      const broken = stores.find((one) => one.storeId === storeId)?.problem;
      if (broken !== undefined) throw problem(broken.kind, broken.message, { remedy: broken.remedy ?? '' });
      const ids = [...values.keys()].filter((id) => filter === undefined || id.includes(filter));
      const rows = ids.slice(offset, offset + limit).map((id, i) => {
        const sighted = [...sessions.values()].find((one) => one.record?.id === id)?.key;
        return {
          id,
          lastUsed: start - (offset + i) * 61_000,
          bytes: 300 + (((offset + i) * 91) % 900),
          label: sighted === undefined ? `count ${offset + i}` : 'user=alice',
          ...(sighted === undefined ? {} : { sessionKey: sighted }),
        };
      });
      return { rows, total: ids.length };
    },
    'flows.list': async ({ filter, before, limit }) => {
      filterExpression(filter);
      const shown = filter === undefined ? flows : flows.filter((one) => one.url.includes(filter.replace(/^\w+:/, '')));
      const from = before === undefined ? 0 : shown.findIndex((one) => one.id === before) + 1;
      return { flows: shown.slice(from, from + limit), total: shown.length };
    },
    'flow.detail': async ({ id }) => {
      const summary = flows.find((one) => one.id === id);
      return { detail: summary === undefined ? null : fakeFlowDetail(summary, sessions.get('s1')) };
    },
    'flow.body': async ({ id, part }) =>
      fakeBody(
        flows.find((one) => one.id === id),
        part,
      ),
    'flow.replay': async ({ id, times = 1 }) => {
      const again = flows.find((one) => one.id === id);
      if (again === undefined) throw problem('not-found', 'This flow is no longer in the workspace');
      // Every fourth answer is another one, as an application with a race would have it.
      const sent = Array.from({ length: times }, (_, n) => ({
        ...again,
        ...(n % 4 === 3 ? { status: 409, responseBytes: 31 } : {}),
        id: `f${10_000 + serial++}`,
        startedAt: now(),
        endedAt: now() + 14 + n,
        origin: { replayOf: id },
      }));
      flows = [...sent, ...flows];
      emit('flows.changed', { flows: sent });
      return { flowId: sent.at(-1)?.id ?? '', flowIds: sent.map((one) => one.id) };
    },
    'proxy.network.open': async ({ host, port, user, password }) => {
      if (password.length < 8) throw problem('password-weak', 'The password needs 8 characters of ASCII or more');
      proxy.network = { host, port, user, addresses: [`192.168.1.20:${port}`, `10.8.0.3:${port}`] };
      emit('proxy.changed', { proxy: { ...proxy } });
      return { proxy: { ...proxy } };
    },
    'proxy.network.close': async () => {
      delete proxy.network;
      emit('proxy.changed', { proxy: { ...proxy } });
      return { proxy: { ...proxy } };
    },
    'proxy.record': async ({ on }) => {
      proxy.recording = on;
      emit('proxy.changed', { proxy: { ...proxy } });
      return {};
    },
    'browsers.list': async () => ({ found: scenario === 'empty' ? [] : browsersFound, running }),
    'browser.launch': async ({ browserId, identity }) => {
      const runId = `run${serial++}`;
      const name = browsersFound.find((one) => one.browserId === browserId)?.name ?? browserId;
      running = [...running, { runId, browserId, name, identity: identity ?? 'plain', startedAt: now(), jar: true }];
      emit('browsers.changed', { running });
      return { runId };
    },
    'browser.close': async ({ runId }) => {
      running = running.filter((one) => one.runId !== runId);
      emit('browsers.changed', { running });
      return {};
    },
    'practice.start': async ({ kind }) => {
      practice = { origin: 'http://127.0.0.1:8650', storeId: 'disk1', kind };
      emit('practice.changed', { practice });
      return { practice };
    },
    'practice.stop': async () => {
      practice = null;
      emit('practice.changed', { practice });
      return {};
    },
    'practice.info': async () => ({ practice }),
    ...fakeLab({ now, sessionOf: must, changed: (event) => emit('lab.changed', event) }),
    'task.cancel': async ({ taskId }) => {
      emit('progress', { taskId, title: '', done: 0, total: null, finished: true });
      return {};
    },
  };

  const fake: Fake = {
    handlers,
    calls,
    emit,
    hold: fakeProxy.hold,
    use(key) {
      const summary = must(key);
      const id = summary.record?.id;
      const held = id === undefined ? undefined : values.get(id)?.value;
      if (id !== undefined && held !== undefined) {
        const count = held.t === 'dict' ? held.v.find(([k]) => k.t === 'str' && k.v === 'count')?.[1] : undefined;
        const next = int(Number(count?.t === 'int' ? count.v : 0) + 1);
        write(id, applyEdits(held, [{ op: 'set', path: [{ kind: 'key', key: str('count') }], value: next }]));
      }
      const next = flow(serial++, now(), { id: `f${20_000 + serial}`, startedAt: now() });
      flows = [next, ...flows];
      emit('flows.changed', { flows: [next] });
      update(key, { lastActivity: now(), flows: summary.flows + 1 });
    },
    appear(n) {
      const summary = session(n, now(), { key: `new${n}`, lastActivity: now() });
      sessions.set(summary.key, summary);
      emit('sessions.changed', { updated: [summary], removed: [] });
    },
    transport: {
      async request(method, request) {
        calls.push({ method, request });
        return answer(handlers, method, request);
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  if (typeof window !== 'undefined') window.fake = fake;
  return fake;
}
