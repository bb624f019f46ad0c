import { nearest } from '../model/nearest.ts';
import { type Problem, problem } from '../model/problem.ts';
import { FILTER_FIELDS, FILTER_KEYS, type FilterKey, filterBytes, filterDuration, filterField } from './fields.ts';
import { type Word, words } from './words.ts';

/*
 * The filter language of sessions, flows and records:
 *   host:shop (status:5xx or method=POST) -data.user=42 "two words"
 * Terms side by side must all match; `or` binds weaker than that, `not`, `-` and `!` stronger; brackets group. Pure:
 * what a term means in SQL is in core/workspace/filter-sql.ts.
 */

export type FilterOp = 'has' | '=' | '!=' | '<' | '<=' | '>' | '>=';

/** One condition. `text` terms are free words; `path` is set for `data.<path>`. */
export interface FilterTerm {
  readonly key: FilterKey | 'text';
  readonly op: FilterOp;
  readonly value: string;
  readonly path?: string;
  /** Offset in the filter's text, in UTF-16 units. */
  readonly at: number;
}

export type FilterExpression =
  | { readonly kind: 'term'; readonly term: FilterTerm }
  | { readonly kind: 'not'; readonly part: FilterExpression }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterExpression[] };

export interface Filter {
  /** Absent when nothing was asked for. Holds what was understood, also beside a mistake. */
  readonly expression?: FilterExpression;
  /** The first thing wrong. */
  readonly problem?: Problem;
}

/** More terms are no longer typed by a user; a bound for what SQLite is asked. */
const MAX_TERMS = 60;
const MAX_DEPTH = 20;

/** Understands a filter. Never throws: what is wrong stands in `problem`, with its place in `at`. */
export function parseFilter(text: string): Filter {
  const parser = new Parser(text);
  const expression = parser.parse();
  return {
    ...(expression === undefined ? {} : { expression }),
    ...(parser.problem === undefined ? {} : { problem: parser.problem }),
  };
}

/**
 * The same for callers that want all or nothing; undefined for a filter that lets everything through.
 * @throws ProblemError `filter`
 */
export function filterExpression(text: string | undefined): FilterExpression | undefined {
  const { expression, problem: wrong } = parseFilter(text ?? '');
  if (wrong === undefined) return expression;
  const { kind, message, remedy, at } = wrong;
  throw problem(kind, message, {
    ...(remedy === undefined ? {} : { remedy }),
    ...(at === undefined ? {} : { at }),
  });
}

/** Every term of an expression, in the order of the text. */
export function filterTerms(expression: FilterExpression | undefined): readonly FilterTerm[] {
  if (expression === undefined) return [];
  if (expression.kind === 'term') return [expression.term];
  return expression.kind === 'not' ? filterTerms(expression.part) : expression.parts.flatMap(filterTerms);
}

class Parser {
  problem: Problem | undefined;
  readonly #words: readonly Word[];
  #next = 0;
  #terms = 0;

  constructor(text: string) {
    this.#words = [...words(text)];
  }

  parse(): FilterExpression | undefined {
    return this.#or(0);
  }

  #or(depth: number): FilterExpression | undefined {
    const parts: FilterExpression[] = [];
    const take = (part: FilterExpression | undefined): void => void (part !== undefined && parts.push(part));
    take(this.#and(depth));
    for (let word = this.#peek(); word !== undefined && isWord(word, 'or'); word = this.#peek()) {
      this.#next += 1;
      if (parts.length === 0) this.#fail(word, 'Nothing stands before "or"', 'Write a term on each side: a or b');
      const part = this.#and(depth);
      if (part === undefined) this.#fail(word, 'Nothing stands after "or"', 'Write a term on each side: a or b');
      take(part);
    }
    return joined('or', parts);
  }

  #and(depth: number): FilterExpression | undefined {
    const parts: FilterExpression[] = [];
    for (let word = this.#peek(); word !== undefined && !isWord(word, 'or'); word = this.#peek()) {
      if (word.bracket && word.text === ')') break;
      this.#next += 1;
      if (isWord(word, 'and')) {
        const after = this.#peek();
        if (parts.length === 0 || after === undefined || isWord(after, 'or') || closes(after)) {
          this.#fail(
            word,
            `Nothing stands ${parts.length === 0 ? 'before' : 'after'} "and"`,
            'Write a term on each side',
          );
        }
        continue;
      }
      const part = this.#not(word, depth);
      if (part !== undefined) parts.push(part);
    }
    return joined('and', parts);
  }

  #not(word: Word, depth: number): FilterExpression | undefined {
    const sign = !word.bracket && word.quotedFrom < 0 && (word.text === '-' || word.text === '!');
    const after = this.#peek();
    if (isWord(word, 'not') || (sign && after?.bracket === true && after.text === '(' && after.at === word.end)) {
      if (after === undefined || closes(after)) {
        this.#fail(word, `Nothing stands after "${word.text}"`, 'Write what must not match: not host:shop');
        return undefined;
      }
      if (depth >= MAX_DEPTH) return this.#tooDeep(word);
      this.#next += 1;
      const part = this.#not(after, depth + 1);
      return part === undefined ? undefined : { kind: 'not', part };
    }
    return word.bracket ? this.#group(word, depth) : this.#term(word);
  }

  #group(opening: Word, depth: number): FilterExpression | undefined {
    if (depth >= MAX_DEPTH) return this.#tooDeep(opening);
    const inner = this.#or(depth + 1);
    const closing = this.#peek();
    if (closing === undefined)
      this.#fail(opening, `The bracket at ${opening.at + 1} is never closed`, 'Close it with )');
    else this.#next += 1;
    if (inner === undefined)
      this.#fail(opening, 'Nothing stands between the brackets', 'Write a term, or take them away');
    return inner;
  }

  #term(word: Word): FilterExpression | undefined {
    if (word.open) {
      this.#fail(word, `The quotation mark at ${word.at + 1} is never closed`, 'Close it with another "');
      return undefined;
    }
    const not = word.quotedFrom !== 0 && word.text.length > 1 && /^[-!]/.test(word.text);
    const term = readTerm(word, not);
    if ('message' in term) {
      this.problem ??= term;
      return undefined;
    }
    this.#terms += 1;
    const made: FilterExpression = { kind: 'term', term };
    if (this.#terms <= MAX_TERMS) return not ? { kind: 'not', part: made } : made;
    this.#fail(word, `More than ${MAX_TERMS} terms`, 'Use fewer terms');
    return undefined;
  }

  #tooDeep(word: Word): undefined {
    this.#fail(word, `More than ${MAX_DEPTH} groups inside each other`, 'Use fewer brackets');
    // What follows cannot be told apart any more.
    this.#next = this.#words.length;
    return undefined;
  }

  #peek(): Word | undefined {
    return this.#words[this.#next];
  }

  #fail(word: Word, message: string, remedy: string): void {
    this.problem ??= wrong(message, word.at, remedy);
  }
}

function joined(kind: 'and' | 'or', parts: readonly FilterExpression[]): FilterExpression | undefined {
  return parts.length > 1 ? { kind, parts } : parts[0];
}

function isWord(word: Word, text: 'and' | 'or' | 'not'): boolean {
  return !word.bracket && word.quotedFrom < 0 && word.text.toLowerCase() === text;
}

function closes(word: Word): boolean {
  return word.bracket && word.text === ')';
}

/** One term without the sign before it. */
function readTerm(word: Word, not: boolean): FilterTerm | Problem {
  const { at } = word;
  const body = not ? word.text.slice(1) : word.text;
  const quotedFrom = word.quotedFrom - (not ? 1 : 0);
  const text: FilterTerm = { key: 'text', op: 'has', value: body, at };
  const match = /^([A-Za-z]+)((?:\.|\[)[^:=<>!]*)?(!=|<=|>=|[:=<>])/.exec(body);
  if (match === null || word.quotedFrom === 0) return text;
  const [whole, name = '', path, sign = ':'] = match;
  const field = filterField(name);
  // A URL, and a word whose beginning is quoted, are text.
  if (field === undefined && /^[a-z]+:\/\//i.test(body)) return text;
  if (quotedFrom >= 0 && quotedFrom < whole.length) return text;
  if (field === undefined) return unknownField(name, at);
  if (path !== undefined && field.key !== 'data') {
    return wrong(`Only data has a path, ${name} has none`, at, 'Write data.user=42');
  }
  const op: FilterOp = sign === ':' ? 'has' : (sign as FilterOp);
  const made: FilterTerm = {
    key: field.key,
    op,
    value: body.slice(whole.length),
    ...(path === undefined ? {} : { path: path.replace(/^\./, '') }),
    at,
  };
  return checkTerm(made) ?? made;
}

function unknownField(name: string, at: number): Problem {
  const near = nearest(name, FILTER_KEYS);
  const known = `Known are ${FILTER_KEYS.join(', ')}. To search for text, put it in quotes`;
  return wrong(`The filter knows no "${name}"`, at, near === undefined ? known : `Did you mean ${near}? ${known}`);
}

function checkTerm({ key, op, value, at }: FilterTerm): Problem | undefined {
  if (key === 'text') return undefined;
  const { type, about, example, words: known } = { words: undefined, ...FILTER_FIELDS[key] };
  const remedy = `${about} For example ${example}`;
  if (value === '' && type !== 'data') return wrong(`Nothing stands after ${key}`, at, remedy);
  const ordered = op === '<' || op === '<=' || op === '>' || op === '>=';
  if (ordered && (type === 'text' || type === 'word')) return wrong(`${key} has no order`, at, remedy);
  const no = (what: string): Problem => wrong(`"${value}" is no ${what}`, at, remedy);
  switch (type) {
    case 'status':
      return /^(\d{3}|[1-5]xx|\d{3}-\d{3})$/i.test(value) ? undefined : no('status');
    case 'number':
      return /^\d+$/.test(value) ? undefined : no('number');
    case 'size':
      return filterBytes(value) === undefined ? no('number of bytes') : undefined;
    case 'duration':
      return filterDuration(value) === undefined ? no('span of time') : undefined;
    case 'word':
      if ((known as readonly string[] | undefined)?.includes(value.toLowerCase()) === true) return undefined;
      return wrong(`"${value}" is no ${key === 'is' ? 'property' : key}`, at, `Known are ${known?.join(', ')}`);
    default:
      return undefined;
  }
}

function wrong(message: string, at: number, remedy: string): Problem {
  return { kind: 'filter', message, at, remedy };
}
