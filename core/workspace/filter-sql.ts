import { type FilterTerm, filterBytes } from './filter.ts';

/*
 * What the terms of a filter mean over the tables of schema.ts. Terms about sessions are gathered into one condition,
 * so that `cookie:sid data.user=42` speaks of one and the same session. CROSS JOIN is SQLite's way to fix the order of
 * a join: the side with the conditions comes first.
 */

export interface Where {
  readonly where: string[];
  readonly values: unknown[];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Conditions on `flow f`. */
export function flowWhere(terms: readonly FilterTerm[]): Where {
  const out: Where = { where: [], values: [] };
  const ofSession: FilterTerm[] = [];
  for (const term of terms) {
    const condition = flowCondition(term);
    if (condition !== undefined) push(out, term.not, condition);
    else if (term.not) push(out, true, flowsOf([{ ...term, not: false }]));
    else ofSession.push(term);
  }
  if (ofSession.length > 0) push(out, false, flowsOf(ofSession));
  return out;
}

/** Conditions on `session s`. */
export function sessionWhere(terms: readonly FilterTerm[]): Where {
  const out: Where = { where: [], values: [] };
  const ofFlow: FilterTerm[] = [];
  for (const term of terms) {
    const condition = sessionCondition(term);
    if (condition !== undefined) push(out, term.not, condition);
    else if (term.not) push(out, true, sessionsOf([{ ...term, not: false }]));
    else ofFlow.push(term);
  }
  if (ofFlow.length > 0) push(out, false, sessionsOf(ofFlow));
  return out;
}

function push(out: Where, not: boolean, condition: Condition): void {
  // IS NOT TRUE: a flow without a response has no status and is let through by `-status:500`.
  out.where.push(not ? `(${condition.sql}) IS NOT TRUE` : `(${condition.sql})`);
  out.values.push(...condition.values);
}

function flowsOf(terms: readonly FilterTerm[]): Condition {
  const inner = sessionWhere(terms);
  return {
    sql: `f.n IN (SELECT x.f FROM session s CROSS JOIN sighting x ON x.s = s.s WHERE ${inner.where.join(' AND ')})`,
    values: inner.values,
  };
}

function sessionsOf(terms: readonly FilterTerm[]): Condition {
  const inner = flowWhere(terms);
  return {
    sql: `s.s IN (SELECT x.value FROM flow f CROSS JOIN json_each('[' || f.sessions || ']') x WHERE ${inner.where.join(' AND ')})`,
    values: inner.values,
  };
}

/** A term about the flow itself; undefined when it is about a session. */
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
    case 'path':
      return urlCondition(value);
    case 'host':
      return op === '=' || op === '!='
        ? negated(op, { sql: 'f.h IN (SELECT h FROM host WHERE name = ?)', values: [value.toLowerCase()] })
        : { sql: 'f.h IN (SELECT h FROM host WHERE instr(name, ?) > 0)', values: [value.toLowerCase()] };
    case 'cookie':
      // Which of two cookies of one name it was is known of sessions only.
      if (value.indexOf('/') > 0) return undefined;
      return negated(op, {
        sql: 'f.c IN (SELECT c FROM cookie_set WHERE instr(names, ?) > 0)',
        values: [`|${value}|`],
      });
    case 'method':
      return negated(op, { sql: 'f.method = ?', values: [value.toUpperCase()] });
    case 'status':
      return statusCondition(op, value);
    case 'type':
      return negated(op, { sql: "instr(lower(ifnull(f.content_type, '')), ?) > 0", values: [value.toLowerCase()] });
    case 'size':
      return compare('f.response_bytes', op, filterBytes(value) ?? 0);
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
    values: [`%${text.replace(/[%_\\]/g, '\\$&')}%`],
  };
}

function statusCondition(op: FilterTerm['op'], value: string): Condition {
  if (/xx$/i.test(value)) {
    const from = Number(value[0]) * 100;
    return negated(op, { sql: 'f.status BETWEEN ? AND ?', values: [from, from + 99] });
  }
  const [from, to] = value.split('-').map(Number);
  if (to !== undefined) return negated(op, { sql: 'f.status BETWEEN ? AND ?', values: [from, to] });
  return compare('f.status', op, from ?? 0);
}

/** A term about a session; undefined when it is about its flows. */
function sessionCondition(term: FilterTerm): Condition | undefined {
  const { value, op } = term;
  const low = value.toLowerCase();
  switch (term.key) {
    case 'text':
      return { sql: 'instr(s.text, ?) > 0', values: [low] };
    case 'host':
      return op === '=' || op === '!='
        ? negated(op, { sql: 's.host = ?', values: [low] })
        : { sql: 'instr(s.host, ?) > 0', values: [low] };
    case 'cookie':
      return negated(op, cookieCondition(value));
    case 'id':
      return negated(op, { sql: 'instr(lower(s.id), ?) > 0', values: [low] });
    case 'key':
      return negated(op, { sql: 's.s = ?', values: [Number(low.replace(/^s/, '')) || 0] });
    case 'state':
      return negated(op, { sql: 's.state = ?', values: [low] });
    case 'score':
      return compare('s.score', op, Number(value));
    case 'store':
      return low === 'missing'
        ? negated(op, { sql: 's.store_id IS NULL', values: [] })
        : negated(op, { sql: "instr(lower(ifnull(s.store_id, '')), ?) > 0", values: [low] });
    case 'label':
      return negated(op, { sql: "instr(lower(ifnull(s.summary ->> 'label', '')), ?) > 0", values: [low] });
    case 'identity':
      return negated(op, { sql: "instr(lower(ifnull(s.summary ->> 'identity', '')), ?) > 0", values: [low] });
    case 'data':
      return dataCondition(term);
    case 'is':
      return sessionFlag(low);
    default:
      return undefined;
  }
}

/** `sid`: every cookie of the name; `sid/app/`: the one that lies at that path. */
function cookieCondition(value: string): Condition {
  const slash = value.indexOf('/');
  if (slash > 0) {
    const [name, path] = [value.slice(0, slash), value.slice(slash)];
    const at = `${name}\n${path}\n`;
    if (path === '/') return { sql: "s.carrier = 'cookie' AND s.name = ?", values: [name] };
    return { sql: "s.carrier = 'cookie' AND substr(s.name, 1, length(?)) = ?", values: [at, at] };
  }
  return {
    sql: "s.carrier = 'cookie' AND (s.name = ? OR substr(s.name, 1, length(?) + 1) = ? || char(10))",
    values: [value, value, value],
  };
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

function compare(column: string, op: FilterTerm['op'], value: number): Condition {
  return { sql: `${column} ${op === 'has' ? '=' : op} ?`, values: [value] };
}

function negated(op: FilterTerm['op'], condition: Condition): Condition {
  return op === '!=' ? { sql: `(${condition.sql}) IS NOT TRUE`, values: condition.values } : condition;
}
