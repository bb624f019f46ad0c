import type { RequestOf } from '../../../core/bridge/contract.ts';
import type { CookieView } from '../../../core/model/session.ts';

/** The fields of the cookie editor. Empty text means that the attribute is not given. */
export interface CookieForm {
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  readonly expires: string;
  readonly maxAge: string;
  readonly sameSite: string;
  readonly priority: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly partitioned: boolean;
}

export function cookieForm(cookie: CookieView | null, id: string): CookieForm {
  return {
    value: cookie?.value ?? id,
    domain: cookie === null || cookie.hostOnly ? '' : (cookie.domain ?? ''),
    path: cookie === null ? '' : written(cookie, 'path') ? cookie.path : '',
    expires: cookie?.expiresText ?? '',
    maxAge: cookie?.maxAge ?? '',
    sameSite: cookie?.sameSite ?? '',
    priority: cookie?.priority ?? '',
    secure: cookie?.secure ?? false,
    httpOnly: cookie?.httpOnly ?? false,
    partitioned: cookie?.partitioned ?? false,
  };
}

/** Whether the Set-Cookie itself names the attribute (a path may also be the default path). */
function written(cookie: CookieView, attribute: string): boolean {
  return cookie.setCookie === undefined || new RegExp(`;\\s*${attribute}\\s*(=|;|$)`, 'i').test(cookie.setCookie);
}

const TEXT_ATTRIBUTES = {
  domain: 'Domain',
  path: 'Path',
  expires: 'Expires',
  maxAge: 'Max-Age',
  sameSite: 'SameSite',
  priority: 'Priority',
} as const;
const FLAG_ATTRIBUTES = { secure: 'Secure', httpOnly: 'HttpOnly', partitioned: 'Partitioned' } as const;

/** A change as the bridge takes it. */
export type CookieChange = RequestOf<'cookie.preview'>['change'];

/** Only what differs: attributes that are not named stay byte for byte. Null when nothing differs. */
export function cookieChange(before: CookieForm, after: CookieForm): CookieChange | null {
  const set: Record<string, string | null> = {};
  const remove: string[] = [];
  for (const [field, name] of Object.entries(TEXT_ATTRIBUTES) as [keyof typeof TEXT_ATTRIBUTES, string][]) {
    const value = after[field].trim();
    if (value === before[field].trim()) continue;
    if (value === '') remove.push(name);
    else set[name] = value;
  }
  for (const [field, name] of Object.entries(FLAG_ATTRIBUTES) as [keyof typeof FLAG_ATTRIBUTES, string][]) {
    if (after[field] === before[field]) continue;
    if (after[field]) set[name] = null;
    else remove.push(name);
  }
  const value = after.value === before.value ? undefined : after.value;
  if (value === undefined && Object.keys(set).length === 0 && remove.length === 0) return null;
  return {
    ...(value === undefined ? {} : { value }),
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(remove.length === 0 ? {} : { remove }),
  };
}
