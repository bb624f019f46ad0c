import type { AgentInfo } from '../../../core/model/agent.ts';
import type {
  AppInfo,
  BrowserInfo,
  EditInfo,
  PracticeInfo,
  ProxyInfo,
  RuleInfo,
  RunningBrowser,
  SessionDetail,
  StoreInfo,
} from '../../../core/model/app.ts';
import type { Path } from '../../../core/model/path.ts';
import type { Problem } from '../../../core/model/problem.ts';
import type { HeldInfo } from '../../../core/model/proxy-settings.ts';
import type { ConnectionState } from '../bridge/web-transport.ts';
import type { Draft } from './draft.ts';
import { type FlowsState, noFlows } from './flows.ts';
import { type NoticesState, noNotices } from './notices.ts';
import { noSessions, type SessionsState } from './sessions.ts';
import { localSettings, type Settings } from './settings.ts';

export type Screen = 'home' | 'sessions' | 'flows' | 'stores' | 'lab' | 'values' | 'browsers' | 'settings';
export const inspectorTabs = ['data', 'cookie', 'timeline', 'flows', 'raw', 'lab'] as const;
export type InspectorTab = (typeof inspectorTabs)[number];

/** One selected session, with what was known of it last; `missing` when the engine does not know it any more. */
export interface DetailState {
  readonly key: string | null;
  readonly detail: SessionDetail | null;
  readonly status: 'none' | 'loading' | 'ready' | 'missing';
  readonly problem: Problem | null;
}

export interface UiState {
  readonly screen: Screen;
  readonly tab: InspectorTab;
  readonly flowId: string | null;
  readonly storeId: string | null;
  readonly recordId: string | null;
  /** The session to compare the selected one with, until the comparison is open. */
  readonly compareWith: string | null;
  readonly dialog: 'palette' | 'help' | 'agents' | null;
  /** Sessions that are about to be killed or named, as soon as the user says so. */
  readonly ask: { readonly what: 'kill' | 'name'; readonly keys: readonly string[] } | null;
  /** The value that was selected last in a record's data: its bytes are lit in the raw view. */
  readonly place: { readonly record: string; readonly path: Path } | null;
  /** The user reads the list of sessions: its order must not change. */
  readonly listHeld: boolean;
}

/** A value that was pasted, with what takes part in it. */
export interface AnyValue {
  readonly text: string;
  readonly name: string;
  /** As it was typed: a `NAME=VALUE` in each line. */
  readonly companions: string;
  readonly keys: readonly string[];
}

export const NO_VALUE: AnyValue = { text: '', name: '', companions: '', keys: [] };

/** All that the window shows. Slices are changed only by the reducers of their files. */
export interface AppState {
  readonly connection: ConnectionState;
  readonly info: AppInfo | null;
  readonly sessions: SessionsState;
  readonly detail: DetailState;
  readonly flows: FlowsState;
  readonly stores: readonly StoreInfo[];
  readonly edits: readonly EditInfo[];
  readonly rules: readonly RuleInfo[];
  /** Messages that wait at a breakpoint. */
  readonly held: readonly HeldInfo[];
  readonly proxy: ProxyInfo | null;
  readonly browsers: { readonly found: readonly BrowserInfo[] | null; readonly running: readonly RunningBrowser[] };
  readonly practice: PracticeInfo | null;
  /** Agents that use the engine, newest first. */
  readonly agents: readonly AgentInfo[];
  readonly notices: NoticesState;
  /** An undo that needs a choice, and where it was pressed. */
  readonly undoQuestion: { readonly editId: string; readonly text: string; readonly place: string } | null;
  readonly settings: Settings;
  readonly ui: UiState;
  /** What stands on the screen for any value: in memory alone, and in no log. */
  readonly values: AnyValue;
  /** Staged changes by record (`storeId` and id): they stay while the user looks at other sessions. */
  readonly drafts: ReadonlyMap<string, Draft>;
}

export function startState(): AppState {
  const settings = localSettings();
  return {
    connection: 'connecting',
    info: null,
    sessions: { ...noSessions, filter: settings.sessionFilter },
    detail: { key: null, detail: null, status: 'none', problem: null },
    flows: { ...noFlows, filter: settings.flowFilter },
    stores: [],
    edits: [],
    rules: [],
    held: [],
    proxy: null,
    browsers: { found: null, running: [] },
    practice: null,
    agents: [],
    notices: noNotices,
    undoQuestion: null,
    settings,
    ui: {
      screen: 'sessions',
      tab: 'data',
      flowId: null,
      storeId: null,
      recordId: null,
      compareWith: null,
      dialog: null,
      ask: null,
      place: null,
      listHeld: false,
    },
    values: NO_VALUE,
    drafts: new Map(),
  };
}

/** Nothing has been seen, attached or opened yet: then the list of sessions gives way to the first screen. */
export function isFirstVisit({ sessions, detail, browsers, practice, flows, stores }: AppState): boolean {
  const none = sessions.status === 'ready' && sessions.total === 0 && sessions.filter.trim() === '';
  const untouched = detail.key === null && browsers.running.length === 0 && practice === null;
  return none && untouched && flows.total === 0 && stores.length === 0;
}

export function draftKey(storeId: string, id: string): string {
  return `${storeId}\n${id}`;
}
