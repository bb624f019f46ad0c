import type { EventOf, ReplyOf } from '../../../core/bridge/contract.ts';
import type { SessionSummary } from '../../../core/model/session.ts';
import { setLanguage } from '../i18n/index.ts';
import type { App } from './app.ts';
import { isSuperseded, problemOf } from './app.ts';
import { engineNotice } from './engine-notice.ts';
import { isOwnFlow, withFlowChanges, withFlowPage, withFlowProblem } from './flows.ts';
import { notifyOfLoss } from './loss-notice.ts';
import { withoutOffers, withProgress } from './notices.ts';
import { batched, oneAtATime } from './pace.ts';
import { withChanges, withProblem, withSnapshot } from './sessions.ts';
import { readSettings, SETTINGS_KEY, showFontSize, showTheme } from './settings.ts';
import { Snapshot } from './snapshot.ts';

const REFILTER_MS = 200;
const TOUCH_MS = 40;
const FRAME_MS = 30;

/** Keeps the window's copy of everything in step with the engine until the returned function is called. */
export function synchronise(app: App): () => void {
  const { client } = app;
  const stops: (() => void)[] = [];
  const onError = (error: unknown) => app.fail(error);

  const sessionFilter = () => app.state.sessions.filter.trim();
  const flowFilter = () => app.state.flows.filter.trim();
  const refilter = oneAtATime(REFILTER_MS, () => app.listSessions(app.state.sessions.filter));
  const refilterFlows = oneAtATime(REFILTER_MS, () => app.listFlows(app.state.flows.filter));

  const sessions = new Snapshot<Awaited<ReturnType<App['askSessions']>>, EventOf<'sessions.changed'>>({
    fetch: () => app.askSessions(app.state.sessions.filter),
    onSnapshot: (answer) => {
      if (answer.filter === app.state.sessions.filter) app.set({ sessions: withSnapshot(app.state.sessions, answer) });
    },
    onUpdate: (change) => {
      // With a filter only the engine knows which sessions match; those already shown are brought up to date at once.
      const filtered = sessionFilter() !== '';
      const known = app.state.sessions.rows;
      const updated = filtered ? change.updated.filter((session) => known.has(session.key)) : change.updated;
      const options = { held: app.state.ui.listHeld, now: Date.now() };
      app.set({ sessions: withChanges(app.state.sessions, { updated, removed: change.removed }, options) });
      if (filtered) refilter();
    },
    onError: (error) => {
      if (!isSuperseded(error)) app.set({ sessions: withProblem(app.state.sessions, problemOf(error)) });
    },
  });

  const flows = new Snapshot<Awaited<ReturnType<App['askFlows']>>, EventOf<'flows.changed'>>({
    fetch: () => app.askFlows(app.state.flows.filter),
    onSnapshot: (answer) => {
      if (answer.filter !== app.state.flows.filter) return;
      app.set({ flows: withFlowPage(app.state.flows, answer) });
    },
    onUpdate: (change) => {
      if (flowFilter() !== '' || change.more === true) refilterFlows();
      else {
        const shown = app.state.settings.ownFlows ? change.flows : change.flows.filter((flow) => !isOwnFlow(flow));
        app.set({ flows: withFlowChanges(app.state.flows, shown) });
      }
    },
    onError: (error) => {
      if (!isSuperseded(error)) app.set({ flows: withFlowProblem(app.state.flows, problemOf(error)) });
    },
  });

  const whole = <T, E>(fetch: () => Promise<T>, put: (value: T | E) => void) =>
    new Snapshot<T, E>({ fetch, onSnapshot: put, onUpdate: put, onError });
  const stores = whole<ReplyOf<'stores.list'>, EventOf<'stores.changed'>>(
    () => client.call('stores.list', {}),
    (value) => app.set({ stores: value.stores }),
  );
  const edits = whole<ReplyOf<'edits.list'>, EventOf<'edits.changed'>>(
    () => client.call('edits.list', {}),
    (value) => {
      // An event may name only the edits that changed.
      const named = new Set(value.edits.map((edit) => edit.editId));
      const others = app.state.edits.filter((edit) => !named.has(edit.editId));
      app.set({
        edits: [...others, ...value.edits].sort((a, b) => b.at - a.at),
        notices: withoutOffers(
          app.state.notices,
          new Set(value.edits.filter(({ state }) => state !== 'applied').map(({ editId }) => editId)),
        ),
      });
    },
  );
  const rules = whole<ReplyOf<'rules.list'>, EventOf<'rules.changed'>>(
    () => client.call('rules.list', {}),
    (value) => app.set({ rules: value.rules }),
  );
  const held = whole<ReplyOf<'intercept.list'>, EventOf<'intercept.changed'>>(
    () => client.call('intercept.list', {}),
    (value) => app.set({ held: value.held }),
  );
  const practice = whole<ReplyOf<'practice.info'>, EventOf<'practice.changed'>>(
    () => client.call('practice.info', {}),
    (value) => app.set({ practice: value.practice }),
  );

  const agents = whole<ReplyOf<'agents.list'>, EventOf<'agents.changed'>>(
    () => client.call('agents.list', {}),
    (value) => app.set({ agents: value.agents }),
  );

  const touch = oneAtATime(TOUCH_MS, () => app.refreshDetail());

  // Traffic can be a thousand requests a second: the lists are changed some thirty times a second at most.
  const sessionEvents = batched<EventOf<'sessions.changed'>>(FRAME_MS, (changes) => {
    const updated = new Map<string, SessionSummary>();
    const removed = new Set<string>();
    for (const change of changes) {
      for (const key of change.removed) {
        removed.add(key);
        updated.delete(key);
      }
      for (const session of change.updated) {
        removed.delete(session.key);
        updated.set(session.key, session);
      }
    }
    sessions.update({ updated: [...updated.values()], removed: [...removed] });
  });
  const flowEvents = batched<EventOf<'flows.changed'>>(FRAME_MS, (changes) => {
    const latest = new Map(changes.flatMap((change) => change.flows.map((flow) => [flow.id, flow] as const)));
    const more = changes.some((change) => change.more === true);
    flows.update({ flows: [...latest.values()], ...(more ? { more } : {}) });
  });

  const refreshAll = async () => {
    const info = client.call('app.info', {}).then((answer) => app.set({ info: answer, proxy: answer.proxy }), onError);
    const browsers = client.call('browsers.list', {}).then((answer) => app.set({ browsers: answer }), onError);
    await Promise.all([
      info,
      browsers,
      sessions.refresh(),
      flows.refresh(),
      stores.refresh(),
      edits.refresh(),
      rules.refresh(),
      held.refresh(),
      practice.refresh(),
      agents.refresh(),
      app.refreshDetail(),
    ]);
  };

  stops.push(
    client.on('sessions.changed', sessionEvents),
    client.on('flows.changed', flowEvents),
    client.on('stores.changed', (event) => stores.update(event)),
    client.on('edits.changed', (event) => {
      edits.update(event);
      touch();
    }),
    client.on('rules.changed', (event) => rules.update(event)),
    client.on('intercept.changed', (event) => held.update(event)),
    client.on('practice.changed', (event) => practice.update(event)),
    client.on('agents.changed', (event) => agents.update(event)),
    client.on('proxy.changed', ({ proxy }) => app.set({ proxy })),
    client.on('browsers.changed', ({ running }) => app.set({ browsers: { ...app.state.browsers, running } })),
    client.on('sessions.touched', ({ keys }) => {
      if (app.state.detail.key !== null && keys.includes(app.state.detail.key)) touch();
    }),
    client.on('session.lost', ({ key, host, loss }) => {
      if (app.state.settings.lossNotices) notifyOfLoss(app, key, host, loss);
    }),
    client.on('notice', (notice) => app.notify(engineNotice(app, notice))),
    client.on('progress', (progress) => app.set({ notices: withProgress(app.state.notices, progress) })),
    client.on('reset', () => void refreshAll()),
  );
  void restoreSettings(app);
  void refreshAll();
  return () => {
    for (const stop of stops) stop();
  };
}

/** The workspace's settings win over those of the window's own storage. */
async function restoreSettings(app: App): Promise<void> {
  try {
    const { values } = await app.client.call('settings.get', {});
    const settings = readSettings(values[SETTINGS_KEY], app.state.settings);
    app.set({ settings });
    showTheme(settings.theme);
    showFontSize(settings.fontSize);
    await setLanguage(settings.language);
  } catch {
    // The window's own storage stands.
  }
}
