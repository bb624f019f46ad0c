import { filterBytes, filterDuration } from '../filter/fields.ts';
import { type FilterExpression, type FilterTerm, filterTerms } from '../filter/parse.ts';

/*
 * What a filter means over the tables of schema.ts. Terms about sessions that stand side by side are gathered into one
 * condition, so that `cookie:sid data.user=42` refers to one and the same session. CROSS JOIN is SQLite's way to fix the
 * order of a join: the side with the conditions comes first.
 */

export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

type Side = 'flow' | 'session';

/** `now`, milliseconds since 1970, is what spans of time are measured from. */
interface Context {
  readonly side: Side;
  readonly now: number;
}

/** Condition on `flow f`; undefined without a filter. */
export function flowWhere(filter: FilterExpression | undefined, now: number): Condition | undefined {
  return filter === undefined ? undefined : compile(filter, { side: 'flow', now });
}

/** Condition on `session s`; undefined without a filter. */
export function sessionWhere(filter: FilterExpression | undefined, now: number): Condition | undefined {
  return filter === undefined ? undefined : compile(filter, { side: 'session', now });
}

function compile(expression: FilterExpression, context: Context): Condition {
  if (isForeign(expression, context)) return across(expression, context);
  switch (expression.kind) {
    case 'term':
      return conditionOf(expression.term, context) ?? across(expression, context);
    case 'not': {
      // IS NOT TRUE: a flow without a response has no status and is let through by `-status:500`.
      const { sql, values } = compile(expression.part, context);
      return { sql: `(${sql}) IS NOT TRUE`, values };
    }
    case 'or':
      return join(
        'OR',
        expression.parts.map((part) => compile(part, context)),
      );
    case 'and': {
      const foreign = expression.parts.filter((part) => part.kind !== 'not' && isForeign(part, context));
      const own = expression.parts.filter((part) => !foreign.includes(part)).map((part) => compile(part, context));
      if (foreign.length === 0) return join('AND', own);
      const together: FilterExpression =
        foreign.length === 1 ? (foreign[0] as FilterExpression) : { kind: 'and', parts: foreign };
      return join('AND', [...own, across(together, context)]);
    }
  }
}

/** All of it is about the other side, and there is no "not" whose meaning would change by going there. */
function isForeign(expression: FilterExpression, context: Context): boolean {
  if (expression.kind === 'not') return false;
  if (expression.kind === 'term') return conditionOf(expression.term, context) === undefined;
  return expression.parts.every((part) => isForeign(part, context));
}

function across(expression: FilterExpression, { side, now }: Context): Condition {
  const inner = compile(expression, { side: side === 'flow' ? 'session' : 'flow', now });
  // From a flow to all sessions that match, of which there are few; from a session to its own flows, never to all of them.
  const from =
    side === 'flow'
      ? 'f.n IN (SELECT x.f FROM session s CROSS JOIN sighting x ON x.s = s.s WHERE'
      : 'EXISTS (SELECT 1 FROM sighting x CROSS JOIN flow f ON f.n = x.f WHERE x.s = s.s AND';
  return { sql: `${from} (${inner.sql}))`, values: inner.values };
}

function join(word: 'AND' | 'OR', conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(` ${word} `),
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Undefined when the term is about the other side. */
function conditionOf(term: FilterTerm, { side, now }: Context): Condition | undefined {
  return side === 'flow' ? flowCondition(term) : sessionCondition(term, now);
}

function flowCondition(term: FilterTerm): Condition | undefined {
  const { value, op } = term;
  switch (term.key) {
    case 'text': {
      const url = urlCondition(value);
      // Text is also looked for in the sessions of the flow (host apart, which the URL has): `alice` finds her flows.
      return {
        sql: `${url.sql} OR f.n IN (SELECT x.f FROM session s CROSS JOIN sighting x ON x.s = s.s WHERE instr(substr(s.text, instr(s.text, char(10)) + 1), ?) > 0)`,
        values: [...url.values, value.toLowerCase()],
      };
    }
    case 'url':
      if (op === 'has') return urlCondition(value);
      return negated(op, { sql: 'f.u IN (SELECT u FROM url WHERE url = ?)', values: [value] });
    case 'path':
      return pathCondition(op, value);
    case 'host':
      return op === 'has'
        ? { sql: 'f.h IN (SELECT h FROM host WHERE instr(name, ?) > 0)', values: [value.toLowerCase()] }
        : negated(op, { sql: 'f.h IN (SELECT h FROM host WHERE name = ?)', values: [value.toLowerCase()] });
    case 'cookie':
      // Which of two cookies of one name it was is known of sessions only.
      if (value.indexOf('/') > 0) return undefined;
      return op === 'has'
        ? {
            sql: 'f.c IN (SELECT c FROM cookie_set WHERE instr(lower(names), ?) > 0)',
            values: [value.toLowerCase()],
          }
        : negated(op, {
            sql: 'f.c IN (SELECT c FROM cookie_set WHERE instr(names, ?) > 0)',
            values: [`|${value}|`],
          });
    case 'method':
      return op === 'has'
        ? { sql: 'instr(f.method, ?) > 0', values: [value.toUpperCase()] }
        : negated(op, { sql: 'f.method = ?', values: [value.toUpperCase()] });
    case 'status':
      return statusCondition(op, value);
    case 'type':
      return textIn("ifnull(f.content_type, '')", op, value);
    case 'size':
      return compare('f.response_bytes', op, filterBytes(value) ?? 0);
    case 'took':
      return compare('f.ended_at - f.started_at', op, filterDuration(value) ?? 0);
    case 'is':
      return flowFlag(value.toLowerCase());
    default:
      return undefined;
  }
}

function flowFlag(flag: string): Condition | undefined {
  switch (flag) {
    case 'error':
      return { sql: 'f.error IS NOT NULL OR f.status >= 500', values: [] };
    case 'edited':
      return { sql: 'f.edited_by IS NOT NULL', values: [] };
    case 'replay':
      return { sql: 'f.origin IS NOT NULL', values: [] };
    // Sent by an experiment, a check-up or a proof of the debugger, which nobody asked for one by one.
    case 'own':
      return { sql: "f.origin ->> 'experiment' IS NOT NULL", values: [] };
    default:
      return undefined;
  }
}

/** A walk over all URLs: at 100,000 of them some 10 ms, which no index of parts beats for words that many hold. */
function urlCondition(text: string): Condition {
  return {
    sql: "EXISTS (SELECT 1 FROM url WHERE url.u = f.u AND url.url LIKE ? ESCAPE '\\')",
    values: [like(text)],
  };
}

/** What follows the host: the URL from its third slash on. */
const PATH = "substr(url.url, instr(url.url, '://') + 2 + instr(substr(url.url, instr(url.url, '://') + 3), '/'))";

function pathCondition(op: FilterTerm['op'], value: string): Condition {
  const has = op === 'has';
  const sql = `EXISTS (SELECT 1 FROM url WHERE url.u = f.u AND ${PATH} ${has ? "LIKE ? ESCAPE '\\'" : '= ?'})`;
  return negated(op, { sql, values: [has ? like(value) : value] });
}

function like(text: string): string {
  return `%${text.replace(/[%_\\]/g, '\\$&')}%`;
}

function statusCondition(op: FilterTerm['op'], value: string): Condition {
  if (/xx$/i.test(value)) {
    const from = Number(value[0]) * 100;
    return range(op, from, from + 99);
  }
  const [from = 0, to] = value.split('-').map(Number);
  return to === undefined ? compare('f.status', op, from) : range(op, from, to);
}

/** A range compares by its nearer end: `status>=4xx` begins at 400, `status>4xx` at 500. */
function range(op: FilterTerm['op'], from: number, to: number): Condition {
  switch (op) {
    case '<':
      return { sql: 'f.status < ?', values: [from] };
    case '<=':
      return { sql: 'f.status <= ?', values: [to] };
    case '>':
      return { sql: 'f.status > ?', values: [to] };
    case '>=':
      return { sql: 'f.status >= ?', values: [from] };
    default:
      return negated(op, { sql: 'f.status BETWEEN ? AND ?', values: [from, to] });
  }
}

function sessionCondition(term: FilterTerm, now: number): Condition | undefined {
  const { value, op } = term;
  const low = value.toLowerCase();
  switch (term.key) {
    case 'text':
      return {
        sql: 'instr(s.text, ?) > 0 OR EXISTS (SELECT 1 FROM session_data d WHERE d.s = s.s AND instr(lower(d.value), ?) > 0)',
        values: [low, low],
      };
    case 'host':
      return op === 'has'
        ? { sql: 'instr(s.host, ?) > 0', values: [low] }
        : negated(op, { sql: 's.host = ?', values: [low] });
    case 'cookie':
      return negated(op, cookieCondition(op, value));
    case 'id':
      return textIn('s.id', op, value);
    case 'key':
      return negated(op, { sql: 's.s = ?', values: [Number(low.replace(/^s/, '')) || 0] });
    case 'state':
      return negated(op, { sql: 's.state = ?', values: [low] });
    case 'score':
      return compare('s.score', op, Number(value));
    case 'expires':
      return compare(`${FIRST_END} - ?`, op, filterDuration(value) ?? 0, [now]);
    case 'idle':
      return compare('? - s.last_activity', op, filterDuration(value) ?? 0, [now]);
    case 'store':
      return low === 'missing'
        ? negated(op, { sql: 's.store_id IS NULL', values: [] })
        : textIn("ifnull(s.store_id, '')", op, value);
    case 'lost':
      return negated(op, lostCondition(op, low));
    case 'signature':
      return negated(op, { sql: "ifnull(s.summary ->> '$.signature.state', 'none') = ?", values: [low] });
    case 'finding':
      return negated(op, findingCondition(low));
    case 'label':
      return textIn("ifnull(s.summary ->> 'label', '')", op, value);
    case 'identity':
      return textIn("ifnull(s.summary ->> 'identity', '')", op, value);
    case 'data':
      return dataCondition(term);
    case 'is':
      return sessionFlag(low);
    default:
      return undefined;
  }
}

/** `any`, a certainty, or the kind or cause of the loss; `alarm` for what is wrong although the session goes on. */
function lostCondition(op: FilterTerm['op'], low: string): Condition {
  if (low === 'any') return { sql: "s.summary ->> '$.loss' IS NOT NULL", values: [] };
  if (low === 'alarm') return { sql: "s.summary ->> '$.alarms' IS NOT NULL", values: [] };
  const places = ['certainty', 'kind', 'cause'].map((place) => `s.summary ->> '$.loss.${place}'`);
  const test =
    op === 'has' ? (place: string) => `instr(ifnull(${place}, ''), ?) > 0` : (place: string) => `${place} = ?`;
  return { sql: places.map(test).join(' OR '), values: places.map(() => low) };
}

function findingCondition(low: string): Condition {
  if (low === 'any') return { sql: "s.summary ->> '$.findings' IS NOT NULL", values: [] };
  return {
    sql: "EXISTS (SELECT 1 FROM json_each(s.summary, '$.findings') x WHERE x.value ->> 'id' = ?)",
    values: [low],
  };
}

/** The first of a session's clocks to run out, milliseconds since 1970; null where none is known. */
const FIRST_END = `nullif(min(${['cookie.expires', 'store.cleanupDue', 'store.expires', 'payload.expires']
  .map((place) => `ifnull(s.summary ->> '$.clocks.${place}', 9e15)`)
  .join(', ')}), 9e15)`;

/** `:` a part of the name, `=` the whole of it; `sid/app/`, either way, the one that lies at that path. */
function cookieCondition(op: FilterTerm['op'], value: string): Condition {
  const slash = value.indexOf('/');
  if (slash > 0) {
    const [name, path] = [value.slice(0, slash), value.slice(slash)];
    const at = `${name}\n${path}\n`;
    if (path === '/') return { sql: "s.carrier = 'cookie' AND s.name = ?", values: [name] };
    return { sql: "s.carrier = 'cookie' AND substr(s.name, 1, length(?)) = ?", values: [at, at] };
  }
  if (op !== 'has') {
    return {
      sql: "s.carrier = 'cookie' AND (s.name = ? OR substr(s.name, 1, length(?) + 1) = ? || char(10))",
      values: [value, value, value],
    };
  }
  // Behind the first line stand path and domain of a cookie that is not the only one of its name.
  const name = 'substr(s.name, 1, instr(s.name || char(10), char(10)) - 1)';
  return { sql: `s.carrier = 'cookie' AND instr(lower(${name}), ?) > 0`, values: [value.toLowerCase()] };
}

function sessionFlag(flag: string): Condition | undefined {
  switch (flag) {
    case 'session':
      return { sql: 's.shown = 1', values: [] };
    case 'candidate':
      return { sql: 's.shown = 0', values: [] };
    case 'foreign':
      return { sql: "s.summary -> '$.foreign' IS NOT NULL", values: [] };
    case 'secure':
      return { sql: "s.summary ->> '$.flags.secure'", values: [] };
    case 'httponly':
      return { sql: "s.summary ->> '$.flags.httpOnly'", values: [] };
    default:
      return undefined;
  }
}

/** `data.user=42`, `data.cart.0.n>3`, `data.user` (has one), `data:alice` (anywhere). */
function dataCondition(term: FilterTerm): Condition {
  const { path, value, op } = term;
  if (path === undefined || path === '') {
    return negated(op, {
      sql: 'EXISTS (SELECT 1 FROM session_data d WHERE d.s = s.s AND instr(lower(d.value), ?) > 0)',
      values: [value.toLowerCase()],
    });
  }
  const at = 'EXISTS (SELECT 1 FROM session_data d WHERE d.s = s.s AND d.path = ?';
  if (value === '') return { sql: `${at})`, values: [path] };
  if (op === 'has') return { sql: `${at} AND instr(lower(d.value), ?) > 0)`, values: [path, value.toLowerCase()] };
  if (op === '=' || op === '!=') return negated(op, { sql: `${at} AND d.value = ?)`, values: [path, value] });
  return { sql: `${at} AND CAST(d.value AS REAL) ${op} ?)`, values: [path, Number(value)] };
}

/** `:` finds a part, `=` the whole; letter case counts in neither. */
function textIn(column: string, op: FilterTerm['op'], value: string): Condition {
  const low = value.toLowerCase();
  return op === 'has'
    ? { sql: `instr(lower(${column}), ?) > 0`, values: [low] }
    : negated(op, { sql: `lower(${column}) = ?`, values: [low] });
}

function compare(column: string, op: FilterTerm['op'], value: number, before: readonly unknown[] = []): Condition {
  return { sql: `${column} ${op === 'has' ? '=' : op} ?`, values: [...before, value] };
}

function negated(op: FilterTerm['op'], condition: Condition): Condition {
  return op === '!=' ? { sql: `(${condition.sql}) IS NOT TRUE`, values: condition.values } : condition;
}

/** Whether a filter says itself which sessions it wants: candidates too, or one by its key. */
export function choosesSessions(filter: FilterExpression | undefined): boolean {
  return filterTerms(filter).some(
    ({ key, value }) => key === 'key' || (key === 'is' && /^(session|candidate)$/i.test(value)),
  );
}
