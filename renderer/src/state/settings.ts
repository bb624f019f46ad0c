import { type Language, systemLanguage } from '../i18n/index.ts';

export type Theme = 'system' | 'light' | 'dark';

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
  };
}

/** Reads what was stored, field by field; what is not as expected falls back. */
export function readSettings(value: unknown, base: Settings): Settings {
  if (typeof value !== 'object' || value === null) return base;
  const { theme, language, panes, sessionFilter, flowFilter, usedFilters, views, ownFlows, lossNotices } =
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
  };
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
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch {
    // Without storage the workspace still remembers.
  }
}

/** Puts the theme on the document; `system` leaves it to the media query. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
