import type { CookieView } from '../model/session.ts';

/** Whether a browser removes the cookie when it gets this: no value, or an end that has passed. */
export function isDeleting(view: CookieView, at: number): boolean {
  return view.value === '' || (view.expires !== undefined && view.expires <= at);
}

/** Whether two Set-Cookies give the cookie other attributes. The date of `Expires` moves with each answer and is none. */
export function attributesDiffer(before: CookieView, after: CookieView): boolean {
  return attributes(before) !== attributes(after);
}

function attributes(view: CookieView): string {
  const { domain, hostOnly, path, maxAge, secure, httpOnly, sameSite, partitioned, priority, others, expires } = view;
  const persistent = maxAge ?? expires !== undefined;
  return JSON.stringify([
    domain?.toLowerCase(),
    hostOnly,
    path,
    persistent,
    secure,
    httpOnly,
    sameSite?.toLowerCase(),
    partitioned,
    priority?.toLowerCase(),
    others,
  ]);
}

/** Values of all Set-Cookie headers, in order. */
export function setCookieValues(rawHeaders: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'set-cookie') out.push(rawHeaders[i + 1] ?? '');
  }
  return out;
}
