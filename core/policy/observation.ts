import type { Flow } from '../model/flow.ts';

/** What one answer of an application tells, taken apart so that answers can be compared. */
export interface Observation {
  readonly flowId: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly location?: string;
  /** The session cookie in the answer: repeated, replaced, deleted, or not there. */
  readonly id: 'same' | 'new' | 'deleted' | 'none';
  /** Value of the new id, for cleaning up after an experiment. */
  readonly newId?: string;
  readonly lines: readonly string[];
}

const MOST_LINES = 2_000;

/**
 * Reads an answer. `cookieName` is the session cookie's name and `sent` its raw value in the request (undefined: it was
 * not sent). `body` is the decoded text of the answer.
 */
export function observe(flow: Flow, body: string, cookieName: string, sent: string | undefined): Observation {
  const { response } = flow;
  const raw = response?.rawHeaders ?? [];
  const values = (name: string) => raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
  const location = values('location')[0];
  // The last one counts: browsers keep what was set last.
  const set = values('set-cookie')
    .filter((value) => value.startsWith(`${cookieName}=`))
    .at(-1);
  const value = set?.slice(cookieName.length + 1).split(';', 1)[0];
  const id = set === undefined ? 'none' : isDeleting(set) ? 'deleted' : value === sent ? 'same' : 'new';
  return {
    flowId: flow.id,
    status: response?.status ?? 0,
    ...(location === undefined ? {} : { location: location.replace(/[?#].*$/, '') }),
    id,
    ...(id === 'new' && value !== undefined ? { newId: value } : {}),
    lines: body
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .slice(0, MOST_LINES),
  };
}

/** RFC 6265bis section 5.7: a Max-Age of 0 or less, or an Expires in the past, removes the cookie. */
function isDeleting(setCookie: string): boolean {
  const maxAge = /;\s*max-age\s*=\s*(-?\d+)/i.exec(setCookie)?.[1];
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = /;\s*expires\s*=\s*([^;]+)/i.exec(setCookie)?.[1];
  return expires !== undefined && Date.parse(expires) < Date.parse('2020-01-01');
}
