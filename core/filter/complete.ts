import { FILTER_FIELDS, FILTER_KEYS, type FilterField, type FilterKey, filterField } from './fields.ts';

/** One thing that can stand at the cursor. */
export interface Completion {
  /** What replaces the text between `from` and `to`. */
  readonly insert: string;
  /** What the list shows. */
  readonly title: string;
  /** The field's sentence, for fields. */
  readonly about?: string;
}

export interface Completions {
  /** The piece of the filter that a completion replaces, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** The field whose value is being typed; the caller adds values from its data. */
  readonly field?: FilterKey;
  /** The beginning of that value, in lower case. */
  readonly typed: string;
  readonly options: readonly Completion[];
}

const MOST = 50;

/**
 * What can be typed at the cursor: names of fields at the beginning of a word, then the values of the field. `values`
 * gives what the data has for a field (hosts, cookie names, …); more than fifty are cut off.
 */
export function complete(
  text: string,
  cursor: number,
  values: (field: FilterKey) => readonly string[] = () => [],
): Completions {
  const from = startOfWord(text, cursor);
  const sign = /^[-!]/.test(text.slice(from, cursor)) ? 1 : 0;
  const word = text.slice(from + sign, cursor);
  const match = /^([A-Za-z]+)((?:\.|\[)[^:=<>!]*)?(!=|<=|>=|[:=<>])"?/.exec(word);
  const field = match === null ? undefined : filterField(match[1] ?? '');
  if (match !== null && field !== undefined) {
    const start = from + sign + match[0].length - (match[0].endsWith('"') ? 1 : 0);
    const typed = word.slice(match[0].length).toLowerCase();
    const known = [...(field.words ?? []), ...values(field.key)];
    const options = [...new Set(known)]
      .filter((value) => value.toLowerCase().includes(typed) && value.toLowerCase() !== typed)
      .sort((a, b) => rank(a, typed) - rank(b, typed))
      .slice(0, MOST)
      .map((value) => ({ insert: quoted(value), title: value }));
    return { from: start, to: cursor, field: field.key, typed, options };
  }
  const typed = word.toLowerCase();
  const options = FILTER_KEYS.filter((key) => key.startsWith(typed)).map((key) => {
    const { about, type }: FilterField = FILTER_FIELDS[key];
    const sign = type === 'data' ? '.' : type === 'number' || type === 'size' || type === 'duration' ? '>' : ':';
    return { insert: `${key}${sign}`, title: key, about };
  });
  return { from: from + sign, to: cursor, typed, options };
}

/** Values that begin with what was typed come first. */
function rank(value: string, typed: string): number {
  return value.toLowerCase().startsWith(typed) ? 0 : 1;
}

/** A value as it has to be written so that it stays one word. */
export function quoted(value: string): string {
  return /[\s"()\\]/.test(value) ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value;
}

/** Where the word before the cursor begins; spaces between quotes do not end one. */
function startOfWord(text: string, cursor: number): number {
  let start = 0;
  let open = false;
  for (let i = 0; i < cursor; i += 1) {
    const c = text[i] as string;
    if (open && c === '\\') i += 1;
    else if (c === '"') open = !open;
    else if (!open && (/\s/.test(c) || (c === '(' && i === start))) start = i + 1;
  }
  return start;
}
