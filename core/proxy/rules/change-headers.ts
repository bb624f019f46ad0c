import {
  editSetCookie,
  removeCookie,
  replaceCookieValue,
  tokenizeCookie,
  tokenizeSetCookie,
  withCookie,
} from '../../cookies/tokenizer.ts';
import { problem } from '../../model/problem.ts';
import type { Side } from '../hooks.ts';
import type { CookieChange, HeaderChange, RuleChange } from './rule.ts';

/**
 * Applies one change to a flat list of header fields. Fields that the change does not mean come back as they were, in
 * order, byte for byte.
 * @returns the new list, or undefined when nothing was to change
 * @throws ProblemError `bad-cookie`, `bad-header` for text that would not stay one field
 */
export function changeHeaders(
  rawHeaders: readonly string[],
  side: Side,
  change: RuleChange,
  httpVersion: string,
): string[] | undefined {
  if (change.kind === 'header') return changeField(rawHeaders, change, httpVersion);
  return side === 'request'
    ? changeCookie(rawHeaders, change, httpVersion)
    : changeSetCookie(rawHeaders, change, httpVersion);
}

/** Refuses at once what could not be applied later. @throws ProblemError as `changeHeaders` */
export function checkChange(side: Side, change: RuleChange): void {
  if (change.kind === 'cookie' && side === 'request' && change.attributes !== undefined) {
    throw problem('bad-rule', 'Attributes stand in Set-Cookie only', {
      remedy: 'Make the rule for responses, or leave the attributes out.',
    });
  }
  const addable = change.kind === 'cookie' && change.remove !== true && change.value !== undefined;
  changeHeaders([], side, addable ? { ...change, add: true } : change, '1.1');
  if (change.kind === 'cookie') editSetCookie('a=b', { attributes: change.attributes ?? {} });
}

/** Field names of HTTP/2 are in lower case; HTTP/1 has them as people write them. */
const fieldName = (name: string, httpVersion: string): string =>
  httpVersion.startsWith('2') ? name.toLowerCase() : name;

/** Rebuilds a list of fields; `each` gives the new value of a field, the same one, or undefined to leave it out. */
function mapFields(
  rawHeaders: readonly string[],
  lowerCaseName: string,
  each: (value: string) => string | undefined,
): { list: string[]; seen: boolean; changed: boolean } {
  const list: string[] = [];
  let seen = false;
  let changed = false;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    if (name.toLowerCase() !== lowerCaseName) {
      list.push(name, value);
      continue;
    }
    seen = true;
    const next = each(value);
    if (next !== value) changed = true;
    if (next !== undefined) list.push(name, next);
  }
  return { list, seen, changed };
}

function changeCookie(rawHeaders: readonly string[], change: CookieChange, httpVersion: string): string[] | undefined {
  const { cookie, value, from } = change;
  let present = false;
  const { list, changed } = mapFields(rawHeaders, 'cookie', (header) => {
    const hits = tokenizeCookie(header).filter((token) => token.hasEquals && token.name === cookie);
    if (hits.length === 0) return header;
    present = true;
    if (from !== undefined && !hits.some((token) => token.value === from)) return header;
    if (change.remove === true) {
      const left = removeCookie(header, cookie);
      return left.trim() === '' ? undefined : left;
    }
    return value === undefined ? header : replaceCookieValue(header, cookie, value);
  });
  if (!present && change.add === true && change.remove !== true && value !== undefined) {
    addCookie(list, cookie, value, httpVersion);
    return list;
  }
  return changed ? list : undefined;
}

function addCookie(list: string[], cookie: string, value: string, httpVersion: string): void {
  for (let i = list.length - 2; i >= 0; i -= 2) {
    if (list[i]?.toLowerCase() !== 'cookie') continue;
    list[i + 1] = withCookie(list[i + 1], cookie, value);
    return;
  }
  list.push(fieldName('Cookie', httpVersion), withCookie(undefined, cookie, value));
}

function changeSetCookie(
  rawHeaders: readonly string[],
  change: CookieChange,
  httpVersion: string,
): string[] | undefined {
  const { cookie, value, from, attributes } = change;
  const edit = {
    ...(value === undefined ? {} : { value }),
    ...(attributes === undefined ? {} : { attributes }),
  };
  let present = false;
  const { list, changed } = mapFields(rawHeaders, 'set-cookie', (header) => {
    const { pair } = tokenizeSetCookie(header);
    if (!pair.hasEquals || pair.name !== cookie) return header;
    present = true;
    if (from !== undefined && pair.value !== from) return header;
    return change.remove === true ? undefined : editSetCookie(header, edit);
  });
  if (!present && change.add === true && change.remove !== true && value !== undefined) {
    const added = editSetCookie(withCookie(undefined, cookie, value), attributes === undefined ? {} : { attributes });
    list.push(fieldName('Set-Cookie', httpVersion), added);
    return list;
  }
  return changed ? list : undefined;
}

function changeField(rawHeaders: readonly string[], change: HeaderChange, httpVersion: string): string[] | undefined {
  const { header, value } = change;
  // RFC 9110 sections 5.1 and 5.5: a name is a token; a value holds no line breaks and no NUL.
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(header)) throw problem('bad-header', `${JSON.stringify(header)} is no field name`);
  if (value !== undefined && /[\x00\r\n\u0100-\uffff]/.test(value)) {
    throw problem('bad-header', `The value of ${header} cannot stand in a header`, {
      remedy: 'Leave out line breaks and NUL, and write characters beyond Latin-1 as their UTF-8 bytes.',
    });
  }
  const { list, seen, changed } = mapFields(rawHeaders, header.toLowerCase(), (old) =>
    change.remove === true ? undefined : (value ?? old),
  );
  if (!seen && change.add === true && change.remove !== true && value !== undefined) {
    list.push(fieldName(header, httpVersion), value);
    return list;
  }
  return changed ? list : undefined;
}
