import type { RunningBrowser } from '../../../core/model/app.ts';
import { text } from '../i18n/index.ts';
import type { App } from './app.ts';

/** A page that asks nobody: an application's own would set a cookie of its own over the one that is sent. */
const NO_PAGE = 'about:blank';

/** The browsers that were opened from here and whose cookies can be set. */
export function reachableBrowsers(app: App): readonly RunningBrowser[] {
  return app.state.browsers.running.filter(({ jar }) => jar);
}

export function browserName({ name, identity }: RunningBrowser): string {
  return text('browsers.named', { name, identity });
}

/** Copies the cookies of a session's host into a browser, where the session goes on as well. */
export async function sendSession(app: App, key: string, runId: string): Promise<void> {
  const cookies = await cookiesOf(app, key);
  if (cookies === undefined) return;
  await storeCookies(app, cookies, runId, app.state.sessions.rows.get(key)?.host);
}

/** Opens a browser with an identity of its own and gives it the session before any page of the host is loaded. */
export async function openInFresh(app: App, key: string, browserId: string): Promise<void> {
  const cookies = await cookiesOf(app, key);
  if (cookies === undefined) return;
  const opened = await app.attempt(() => app.client.call('browser.launch', { browserId, startUrl: NO_PAGE }));
  if (opened === undefined) return;
  await storeCookies(app, cookies, opened.runId, app.state.sessions.rows.get(key)?.host);
}

/** Two sessions of one host change places between the two browsers that have them. */
export async function swapSessions(app: App, first: string, second: string): Promise<void> {
  const [one, other] = [browserOf(app, first), browserOf(app, second)];
  if (one === undefined || other === undefined) return;
  // Both are read before either is changed.
  const [ofFirst, ofSecond] = [await cookiesOf(app, first), await cookiesOf(app, second)];
  if (ofFirst === undefined || ofSecond === undefined) return;
  const done = await app.attempt(async () => {
    await app.client.call('import.cookies', { text: ofSecond, runId: one.runId });
    return app.client.call('import.cookies', { text: ofFirst, runId: other.runId });
  });
  if (done === undefined) return;
  app.notify({
    level: 'info',
    message: text('identity.swapped', { one: browserName(one), other: browserName(other) }),
    remedy: text('identity.reload'),
  });
}

/** Whether two sessions can change places: one host, two browsers whose cookies can be set. */
export function canSwap(app: App, first: string, second: string): boolean {
  const [a, b] = [first, second].map((key) => app.state.sessions.rows.get(key));
  const [one, other] = [browserOf(app, first), browserOf(app, second)];
  return a?.host === b?.host && one !== undefined && other !== undefined && one.runId !== other.runId;
}

function browserOf(app: App, key: string): RunningBrowser | undefined {
  const identity = app.state.sessions.rows.get(key)?.identity;
  return identity === undefined ? undefined : reachableBrowsers(app).find((one) => one.identity === identity);
}

/** Puts cookies of a file into a browser: the only one there is, or the one that the user chooses. */
export async function sendCookies(app: App, cookies: string): Promise<void> {
  const browsers = reachableBrowsers(app);
  const [only] = browsers;
  if (only !== undefined && browsers.length === 1) {
    await storeCookies(app, cookies, only.runId);
    return;
  }
  const read = await app.attempt(() => app.client.call('import.cookies', { text: cookies }));
  if (read === undefined) return;
  app.notify({
    level: 'info',
    message: text('cookies.dropped', { count: read.cookies.length }),
    ...(browsers.length === 0 ? { remedy: text('cookies.dropped.noBrowser') } : {}),
    actions: browsers.map((one) => ({
      label: browserName(one),
      testId: `cookies-to-${one.runId}`,
      run: () => void storeCookies(app, cookies, one.runId),
    })),
  });
}

async function cookiesOf(app: App, key: string): Promise<string | undefined> {
  const made = await app.attempt(() => app.client.call('export.cookies', { key, form: 'storageState', secrets: true }));
  return made?.text;
}

async function storeCookies(app: App, cookies: string, runId: string, host?: string): Promise<void> {
  const made = await app.attempt(() => app.client.call('import.cookies', { text: cookies, runId }));
  if (made === undefined) return;
  const message = [text('cookies.import.done', { count: made.stored ?? 0 }), ...made.notes].join(' ');
  app.notify({
    level: 'info',
    message,
    remedy: host === undefined ? text('identity.reload') : text('identity.open', { host }),
  });
}
