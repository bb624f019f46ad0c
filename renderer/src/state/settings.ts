import { type Language, systemLanguage } from '../i18n/index.ts';

export type Theme = 'system' | 'light' | 'dark';

/** What of a flow is shown: request and response together, or one of them. */
export const FLOW_SIDES = ['both', 'request', 'response'] as const;
export type FlowSides = (typeof FLOW_SIDES)[number];

/** Columns of the list of flows that can be left out; the address always stands there. */
export const FLOW_COLUMNS = ['at', 'status', 'method', 'type', 'size', 'time'] as const;
export type FlowColumn = (typeof FLOW_COLUMNS)[number];
export type FlowSort = { readonly by: FlowColumn | 'url'; readonly down: boolean };

/** How the sessions are gathered in their list. */
export const GROUPINGS = ['none', 'host', 'framework', 'identity', 'state'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What the sessions are sorted by. */
export const SORTINGS = ['activity', 'host', 'state', 'flows', 'name'] as const;
export type Sorting = (typeof SORTINGS)[number];

/** What the user says of a session in this window: a name of its own, kept on top, or out of sight. */
export interface SessionMark {
  readonly name?: string;
  readonly pinned?: boolean;
  readonly hidden?: boolean;
}

/** What is remembered between runs, in the workspace and (for the first paint) in the window's own storage. */
export interface Settings {
  readonly theme: Theme;
  readonly language: Language;
  /** Layouts of the resizable panes by the name of their group, in percent. */
  readonly panes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly sessionFilter: string;
  readonly flowFilter: string;
  /** Filters that were used, the last one first, and those that the user keeps. */
  readonly usedFilters: readonly string[];
  readonly views: readonly string[];
  /** Requests that an experiment or a proof of the debugger sent stand in the lists of flows. */
  readonly ownFlows: boolean;
  /** A notification of the desktop for each session that is lost. */
  readonly lossNotices: boolean;
  readonly flowSides: FlowSides;
  readonly flowColumns: readonly FlowColumn[];
  readonly grouping: Grouping;
  readonly sorting: Sorting;
  /** By the session's key. */
  readonly marks: Readonly<Record<string, SessionMark>>;
  /** Sessions and flows up to this time (ms) are out of sight: the lists were cleared then. */
  readonly cleared: number;
  /** Times of the timeline as clock times instead of "3 min ago". */
  readonly absoluteTimes: boolean;
  readonly density: 'comfortable' | 'compact';
  /** Percent of the usual size of the text. */
  readonly fontSize: number;
}

const STORAGE_KEY = 'sessionscope-settings';
/** The key under which the workspace keeps them. */
export const SETTINGS_KEY = 'window';

function defaultSettings(): Settings {
  return {
    theme: 'system',
    language: systemLanguage(),
    panes: {},
    sessionFilter: '',
    flowFilter: '',
    usedFilters: [],
    views: [],
    ownFlows: false,
    lossNotices: false,
    flowSides: 'both',
    flowColumns: FLOW_COLUMNS.filter((one) => one !== 'type'),
    grouping: 'none',
    sorting: 'activity',
    marks: {},
    cleared: 0,
    absoluteTimes: false,
    density: 'comfortable',
    fontSize: 100,
  };
}

/** Reads what was stored, field by field; what is not as expected falls back. */
export function readSettings(value: unknown, base: Settings): Settings {
  if (typeof value !== 'object' || value === null) return base;
  const { theme, language, panes, sessionFilter, flowFilter, usedFilters, views, ownFlows, lossNotices, ...looks } =
    value as Record<string, unknown>;
  return {
    theme: theme === 'light' || theme === 'dark' || theme === 'system' ? theme : base.theme,
    language: language === 'en' || language === 'zh-CN' ? language : base.language,
    panes: typeof panes === 'object' && panes !== null ? (panes as Settings['panes']) : base.panes,
    sessionFilter: typeof sessionFilter === 'string' ? sessionFilter : base.sessionFilter,
    flowFilter: typeof flowFilter === 'string' ? flowFilter : base.flowFilter,
    lossNotices: typeof lossNotices === 'boolean' ? lossNotices : base.lossNotices,
    usedFilters: texts(usedFilters) ?? base.usedFilters,
    views: texts(views) ?? base.views,
    ownFlows: typeof ownFlows === 'boolean' ? ownFlows : base.ownFlows,
    flowSides: oneOf(FLOW_SIDES, looks['flowSides']) ?? base.flowSides,
    flowColumns: columnsOf(looks['flowColumns']) ?? base.flowColumns,
    grouping: oneOf(GROUPINGS, looks['grouping']) ?? base.grouping,
    sorting: oneOf(SORTINGS, looks['sorting']) ?? base.sorting,
    cleared: typeof looks['cleared'] === 'number' ? looks['cleared'] : base.cleared,
    marks: marksOf(looks['marks']) ?? base.marks,
    absoluteTimes: typeof looks['absoluteTimes'] === 'boolean' ? looks['absoluteTimes'] : base.absoluteTimes,
    density: oneOf(['comfortable', 'compact'] as const, looks['density']) ?? base.density,
    fontSize: oneOf(FONT_SIZES, looks['fontSize']) ?? base.fontSize,
  };
}

/** Percent of the usual size of the text. */
export const FONT_SIZES = [90, 100, 110, 125] as const;

function columnsOf(value: unknown): readonly FlowColumn[] | undefined {
  return Array.isArray(value) ? FLOW_COLUMNS.filter((one) => value.includes(one)) : undefined;
}

function oneOf<T>(choices: readonly T[], value: unknown): T | undefined {
  return choices.find((one) => one === value);
}

/** Longest name that a session is given. */
export const LONGEST_NAME = 80;
const MOST_MARKS = 5_000;

function marksOf(value: unknown): Settings['marks'] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const marks: Record<string, SessionMark> = {};
  for (const [key, mark] of Object.entries(value).slice(-MOST_MARKS)) {
    if (typeof mark !== 'object' || mark === null) continue;
    const { name, pinned, hidden } = mark as Record<string, unknown>;
    marks[key] = {
      ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, LONGEST_NAME) } : {}),
      ...(pinned === true ? { pinned } : {}),
      ...(hidden === true ? { hidden } : {}),
    };
  }
  return marks;
}

/** The marks with one changed; a mark that says nothing is left out. */
export function withMark(marks: Settings['marks'], key: string, change: SessionMark): Settings['marks'] {
  const { [key]: was, ...others } = marks;
  const { name = '', pinned, hidden } = { ...was, ...change };
  const mark: SessionMark = {
    ...(name.trim() === '' ? {} : { name: name.trim().slice(0, LONGEST_NAME) }),
    ...(pinned === true ? { pinned } : {}),
    ...(hidden === true ? { hidden } : {}),
  };
  return Object.keys(mark).length === 0 ? others : { ...others, [key]: mark };
}

/** Most filters that are remembered. */
const MOST_FILTERS = 30;

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((one): one is string => typeof one === 'string' && one.length <= 2_000).slice(0, MOST_FILTERS);
}

/** A filter was used: it stands first among those that were. */
export function withUsed(used: readonly string[], filter: string): readonly string[] {
  const wanted = filter.trim();
  if (wanted === '') return used;
  return [wanted, ...used.filter((one) => one !== wanted)].slice(0, MOST_FILTERS);
}

export function localSettings(): Settings {
  try {
    return readSettings(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null'), defaultSettings());
  } catch {
    return defaultSettings();
  }
}

export function keepLocally(settings: Settings): void {
  try {
    // What is said of sessions belongs to their workspace: another one has other sessions under the same keys.
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...settings, marks: {}, cleared: 0 }));
  } catch {
    // Without storage the workspace still remembers.
  }
}

/** Puts the size of the text on the document. */
export function showFontSize(percent: number): void {
  document.documentElement.style.setProperty('--font-scale', String(percent / 100));
}

/** Puts the theme on the document; `system` leaves it to the media query. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
