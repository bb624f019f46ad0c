import type { FilterKey } from '../../../core/filter/fields.ts';
import type { AppState } from './app-state.ts';

/** Rows beyond these are not looked through: the user types one letter more instead. */
const LOOKED_AT = 2_000;

/** What the window knows of a field's values, most frequent first: for the completion of the filter. */
export function filterValues(state: AppState, field: FilterKey): readonly string[] {
  const sessions = [...state.sessions.rows.values()].slice(0, LOOKED_AT);
  const flows = state.flows.rows.slice(0, LOOKED_AT);
  switch (field) {
    case 'host':
      return byCount([...sessions.map(({ host }) => host), ...flows.map(({ url }) => hostOf(url))]);
    case 'cookie':
      return byCount(sessions.flatMap(({ carrier }) => (carrier.kind === 'cookie' ? [carrier.name] : [])));
    case 'label':
      return byCount(sessions.flatMap(({ label }) => label ?? []));
    case 'lost':
      return ['any', 'certain', 'likely', 'alarm', ...byCount(sessions.flatMap(({ loss }) => loss?.cause ?? []))];
    case 'identity':
      return byCount(sessions.flatMap(({ identity }) => identity ?? []));
    case 'store':
      return [...state.stores.map(({ storeId }) => storeId), 'missing'];
    case 'method':
      return byCount(flows.map(({ method }) => method));
    case 'status':
      return [...byCount(flows.flatMap(({ status }) => (status === undefined ? [] : String(status)))), '4xx', '5xx'];
    case 'type':
      return byCount(flows.flatMap(({ contentType }) => contentType?.split(';')[0]?.trim() ?? []));
    default:
      return [];
  }
}

/** The authority of an absolute URL, whatever it holds. */
function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
}

function byCount(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value);
}
