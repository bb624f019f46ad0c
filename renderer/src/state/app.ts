import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import { BridgeError, type Client } from '../../../core/bridge/wire.ts';
import type { Notice } from '../../../core/model/app.ts';
import { type Problem, toProblem } from '../../../core/model/problem.ts';
import { currentLanguage, setLanguage, text } from '../i18n/index.ts';
import { problemWords } from '../i18n/problem-words.ts';
import { type AppState, draftKey, type InspectorTab, type Screen, startState, type UiState } from './app-state.ts';
import { download } from './downloads.ts';
import type { Draft } from './draft.ts';
import { flowQuery, withFlowPage, withFlowProblem } from './flows.ts';
import { type NoticeAction, withNotice, withoutNotice } from './notices.ts';
import { later } from './pace.ts';
import { leastRecent, sortedAgain, withOlder, withProblem, withSnapshot } from './sessions.ts';
import { keepLocally, SETTINGS_KEY, type Settings, showFontSize, showTheme } from './settings.ts';

const FLOW_PAGE = 500;
const SESSION_PAGE = 1_000;
/** A million flows are counted in less than this. */
const COUNTED_MS = 1_500;
/** Names the lists of this window to the engine, so that its newest question takes the place of an older one. */
const WINDOW = Math.random().toString(36).slice(2);

/** What components use: the state, the engine, and the acts that touch both. */
export class App {
  readonly client: Client;
  readonly store: StoreApi<AppState> = createStore(startState);
  #detailWanted = 0;
  #olderSessions = false;

  constructor(client: Client) {
    this.client = client;
  }

  get state(): AppState {
    return this.store.getState();
  }

  set(change: Partial<AppState>): void {
    this.store.setState(change);
  }

  ui(change: Partial<UiState>): void {
    this.set({ ui: { ...this.state.ui, ...change } });
  }

  go(screen: Screen): void {
    this.ui({ screen });
  }

  notify(notice: Notice & { actions?: readonly NoticeAction[] }): void {
    this.set({ notices: withNotice(this.state.notices, notice) });
  }

  dismiss(id: number): void {
    this.set({ notices: withoutNotice(this.state.notices, id) });
  }

  /** Shows a failure that has no place of its own. */
  fail(error: unknown): void {
    this.notify({ level: 'error', ...noticeWords(problemOf(error)) });
  }

  /** Runs an act; its failure becomes a notice. */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  select(key: string, tab?: InspectorTab): void {
    const { detail, ui } = this.state;
    const change: Partial<UiState> = { screen: ui.screen === 'lab' ? 'lab' : 'sessions', ...(tab && { tab }) };
    this.ui(tab === undefined ? change : { ...change, screen: 'sessions' });
    if (detail.key === key) return;
    this.set({ detail: { key, detail: null, status: 'loading', problem: null } });
    void this.refreshDetail();
  }

  /** Asks for the selected session again; what is shown stays until the answer is here. */
  async refreshDetail(): Promise<void> {
    const { key } = this.state.detail;
    if (key === null) return;
    const wanted = ++this.#detailWanted;
    try {
      const { detail } = await this.client.call('session.detail', { key });
      if (wanted !== this.#detailWanted || this.state.detail.key !== key) return;
      this.set({ detail: { key, detail, status: detail === null ? 'missing' : 'ready', problem: null } });
    } catch (error) {
      if (wanted !== this.#detailWanted) return;
      this.set({ detail: { ...this.state.detail, status: 'ready', problem: problemOf(error) } });
    }
  }

  async filterSessions(filter: string): Promise<void> {
    this.set({ sessions: { ...this.state.sessions, filter } });
    this.remember({ sessionFilter: filter });
    await this.listSessions(filter);
  }

  /** Asks for the list again; a failure is kept where the list would be. */
  async listSessions(filter: string): Promise<void> {
    try {
      const answer = await this.askSessions(filter);
      if (this.state.sessions.filter !== filter) return;
      this.set({ sessions: withSnapshot(this.state.sessions, answer) });
    } catch (error) {
      if (this.state.sessions.filter !== filter || isSuperseded(error)) return;
      this.set({ sessions: withProblem(this.state.sessions, problemOf(error)) });
    }
  }

  /** The first page of the sessions that a filter lets through. */
  async askSessions(filter: string) {
    const wanted = filter.trim();
    const limit = SESSION_PAGE;
    const answer = await this.client.call('sessions.list', {
      limit,
      lane: `sessions of ${WINDOW}`,
      ...(wanted === '' ? {} : { filter: wanted }),
    });
    return { ...answer, filter, limit };
  }

  async olderSessions(): Promise<void> {
    const { sessions } = this.state;
    const after = leastRecent(sessions);
    if (sessions.complete || after === undefined || this.#olderSessions) return;
    this.#olderSessions = true;
    const { filter } = sessions;
    const wanted = filter.trim();
    try {
      const limit = SESSION_PAGE;
      const request = { limit, after, ...(wanted === '' ? {} : { filter: wanted }) };
      const page = await this.client.call('sessions.list', request);
      this.set({ sessions: withOlder(this.state.sessions, { ...page, filter, limit }) });
    } finally {
      this.#olderSessions = false;
    }
  }

  async filterFlows(filter: string): Promise<void> {
    this.set({ flows: { ...this.state.flows, filter } });
    this.remember({ flowFilter: filter });
    await this.listFlows(filter);
  }

  async listFlows(filter: string): Promise<void> {
    try {
      const answer = await this.askFlows(filter);
      if (this.state.flows.filter !== filter) return;
      this.set({ flows: withFlowPage(this.state.flows, answer) });
    } catch (error) {
      if (this.state.flows.filter !== filter || isSuperseded(error)) return;
      this.set({ flows: withFlowProblem(this.state.flows, problemOf(error)) });
    }
  }

  /** The first page of the flows that a filter lets through. */
  async askFlows(filter: string) {
    const query = flowQuery(filter, this.state.settings.ownFlows);
    const answer = await this.client.call('flows.list', { limit: FLOW_PAGE, lane: `flows of ${WINDOW}`, ...query });
    // All flows together are counted aside: a moment later their number is known.
    if (answer.about === true && query.filter === undefined) this.#countAgain();
    return { ...answer, filter, limit: FLOW_PAGE };
  }

  readonly #countAgain = later(COUNTED_MS, () => {
    if (this.state.flows.about && this.state.flows.filter.trim() === '') void this.listFlows(this.state.flows.filter);
  });

  /** Shows or hides what the debugger itself has sent, in every list of flows. */
  async showOwnFlows(ownFlows: boolean): Promise<void> {
    this.remember({ ownFlows });
    await this.listFlows(this.state.flows.filter);
  }

  async olderFlows(): Promise<void> {
    const { rows, filter, complete } = this.state.flows;
    const before = rows.at(-1)?.id;
    if (complete || before === undefined) return;
    const answer = await this.client.call('flows.list', {
      limit: FLOW_PAGE,
      before,
      ...flowQuery(filter, this.state.settings.ownFlows),
    });
    this.set({ flows: withFlowPage(this.state.flows, { ...answer, filter, limit: FLOW_PAGE, before }) });
  }

  sortSessions(): void {
    this.set({ sessions: sortedAgain(this.state.sessions) });
  }

  holdList(held: boolean): void {
    if (this.state.ui.listHeld === held) return;
    this.ui({ listHeld: held });
    if (!held && this.state.sessions.moved.size > 0) this.sortSessions();
  }

  draft(storeId: string, id: string): Draft | undefined {
    return this.state.drafts.get(draftKey(storeId, id));
  }

  setDraft(draft: Draft): void {
    const drafts = new Map(this.state.drafts);
    const key = draftKey(draft.storeId, draft.id);
    if (draft.edits.length === 0 && draft.past.length === 0 && draft.future.length === 0) drafts.delete(key);
    else drafts.set(key, draft);
    this.set({ drafts });
  }

  dropDraft(storeId: string, id: string): void {
    const drafts = new Map(this.state.drafts);
    if (drafts.delete(draftKey(storeId, id))) this.set({ drafts });
  }

  /** Changes a setting now, and keeps it in the window's storage and in the workspace. */
  remember(change: Partial<Settings>): void {
    const settings = { ...this.state.settings, ...change };
    this.set({ settings });
    keepLocally(settings);
    if (change.theme !== undefined) showTheme(change.theme);
    if (change.fontSize !== undefined) showFontSize(change.fontSize);
    if (change.language !== undefined) void setLanguage(change.language);
    void this.client.call('settings.set', { key: SETTINGS_KEY, value: settings }).catch(() => {
      // Kept locally already; the workspace gets it with the next change.
    });
  }

  /**
   * Undoes one edit and says what was undone. Where the record has changed since in the same places, the user chooses
   * between their own change alone and the whole earlier record: at the `place` where undo was pressed (`UndoQuestion`),
   * or in a notice.
   */
  async undo(editId: string, how?: 'mine' | 'whole', place?: string): Promise<boolean> {
    const edit = this.state.edits.find((one) => one.editId === editId);
    try {
      await this.client.call('edit.undo', { editId, ...(how === undefined ? {} : { how }) });
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind !== 'changed-since') {
        this.fail(error);
        return false;
      }
      if (place !== undefined) {
        this.set({ undoQuestion: { editId, text: edit?.text ?? '', place } });
        return false;
      }
      this.notify({
        level: 'warning',
        ...noticeWords(problem),
        actions: [
          { label: text('inspector.undo.mine'), testId: 'undo-mine', run: () => void this.undo(editId, 'mine') },
          { label: text('inspector.undo.whole'), testId: 'undo-whole', run: () => void this.undo(editId, 'whole') },
        ],
      });
      return false;
    }
    if (this.state.undoQuestion?.editId === editId) this.set({ undoQuestion: null });
    this.notify({ level: 'info', message: text('inspector.undone', { text: edit?.text ?? '' }) });
    await this.refreshDetail();
    return true;
  }

  async redo(editId: string): Promise<void> {
    const done = await this.attempt(() => this.client.call('edit.redo', { editId }));
    if (done !== undefined) await this.refreshDetail();
  }

  /**
   * Saves a file: in the host's dialog, and then `told` is said when the file is there; or by the browser's downloads,
   * of which no more is known than that they were given it.
   */
  async saveFile(name: string, content: { text: string } | { base64: string }, told: string): Promise<void> {
    if (this.state.info?.canPickFiles !== true) {
      download(name, content);
      this.notify({ level: 'info', message: text('file.handed', { name }) });
      return;
    }
    const title = text('file.title', { name });
    const done = await this.attempt(() => this.client.call('app.saveFile', { title, name, content }));
    if (done === undefined || done.path === null) return;
    this.notify({ level: 'info', message: told, remedy: done.path });
  }

  /** The way back that a toast offers. */
  undoActions(editId: string): readonly NoticeAction[] {
    return [{ label: text('common.undo'), testId: 'toast-undo', editId, run: () => void this.undo(editId) }];
  }

  /** `told`: what is said when it is done. */
  async copy(value: string, told = text('common.copied')): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      copyBySelection(value);
    }
    this.notify({ level: 'info', message: told });
  }
}

/** Where the clipboard interface is refused (plain HTTP, no focus): select and copy. */
function copyBySelection(value: string): void {
  const area = document.createElement('textarea');
  area.value = value;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function problemOf(error: unknown): Problem {
  return error instanceof BridgeError ? error.problem : toProblem(error);
}

/** A newer question of the same list took the place of this one: its answer is on the way. */
export function isSuperseded(error: unknown): boolean {
  return error instanceof BridgeError && error.problem.kind === 'superseded';
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('AppContext is missing');
  return app;
}

export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, select);
}

/** A notice has two lines: the engine's own sentence goes with the remedy where the first one is a translation. */
export function noticeWords(problem: Problem): Pick<Notice, 'message' | 'remedy'> {
  const { message, detail, remedy } = problemWords(problem, currentLanguage());
  const more = [detail, remedy].filter((one) => one !== undefined).join(' ');
  return { message, ...(more === '' ? {} : { remedy: more }) };
}
