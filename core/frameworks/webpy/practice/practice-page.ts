import { escapeHtml } from '../session/debug-page.ts';

/** What the page shows of the visitor's session. */
export interface PracticeView {
  readonly count: number | bigint;
  readonly user: string | null;
  readonly since: string | null;
  readonly sessionId: string;
  readonly cookieName: string;
  /** Whether the request came with the cookie. */
  readonly cookieSent: boolean;
}

/** People who can log in. There are no passwords: this site is for trying a debugger out. */
export const PEOPLE: readonly string[] = ['alice', 'bob'];

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #2563eb; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 40rem; padding: 2.5rem 1.25rem; font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
p { margin: .5rem 0; }
.count { font-size: 4rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.1; margin: 1.5rem 0 .5rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
button { font: inherit; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: transparent;
  color: inherit; cursor: pointer; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; border-top: 1px solid var(--line);
  padding-top: 1rem; margin-top: 2rem; }
dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .9em; }
a { color: inherit; }
`;

/** The practice site's only page: plain HTML without scripts or anything from elsewhere. */
export function practicePage(view: PracticeView): string {
  const who = view.user === null ? 'You are not logged in.' : `You are logged in as <b>${escapeHtml(view.user)}</b>.`;
  const login = PEOPLE.filter((name) => name !== view.user).map((name) =>
    button('login', `Log in as ${name}`, { user: name, to: '/login' }),
  );
  const logout = view.user === null ? '' : button('logout', 'Log out', { to: '/logout' });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Practice site: ${view.count}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Practice site</h1>
<p>web.py's session tutorial, on Sessionscope's own session core. ${who}</p>
<p class="count" id="count">${view.count}</p>
<form method="post" action="/">
${button('count', 'Count', { main: true })}
${button('reset', 'Reset')}
${login.join('\n')}
${logout}
</form>
<dl>
<dt>Cookie</dt><dd id="cookie">${escapeHtml(view.cookieName)}</dd>
<dt>Session</dt><dd id="session">${escapeHtml(view.sessionId)}</dd>
<dt>This visit</dt><dd>${view.cookieSent ? 'came with the cookie' : 'came without the cookie: a new session was made'}</dd>
${view.since === null ? '' : `<dt>Logged in</dt><dd>${escapeHtml(view.since)}</dd>`}
</dl>
<p>Plain pages, as in the tutorial: <a href="/count">/count</a> adds one, <a href="/reset">/reset</a> ends the session,
<a href="/whoami">/whoami</a> tells your name.</p>
</body>
</html>
`;
}

/** `to`: a path of its own, by which a log of requests tells what happened. */
function button(
  action: string,
  label: string,
  { user = '', main = false, to = '/' }: { user?: string; main?: boolean; to?: string } = {},
): string {
  const value = user === '' ? action : `${action}:${user}`;
  const target = to === '/' ? '' : ` formaction="${to}"`;
  return `<button${main ? ' class="main"' : ''}${target} name="do" value="${escapeHtml(value)}">${escapeHtml(label)}</button>`;
}
