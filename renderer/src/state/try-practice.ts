import { webAddress } from '../../../core/model/web-address.ts';
import type { App } from './app.ts';

/** How far "Try it on the practice site" has come. */
export type TryStep = 'site' | 'browser' | 'page';

/**
 * Starts the practice site and a browser on it, and opens the first session that comes of it: the one act of a newcomer.
 * Failures become notices. Resolves when the session is shown, or when it was given up.
 * @param browserId the browser to open; undefined: none is installed, and the site's card says how to go on
 */
export async function tryPractice(app: App, browserId: string | undefined, step: (at: TryStep) => void): Promise<void> {
  step('site');
  const known = app.state.practice;
  const started = known ?? (await app.attempt(() => app.client.call('practice.start', { kind: 'disk' })))?.practice;
  if (started === undefined || browserId === undefined) return;
  step('browser');
  const startUrl = started.origin;
  const before = new Set(app.state.sessions.rows.keys());
  const opened = await app.attempt(() => app.client.call('browser.launch', { browserId, startUrl }));
  if (opened === undefined) return;
  step('page');
  app.go('sessions');
  const { host } = webAddress(startUrl);
  await firstSession(app, host, before);
}

/** Waits for a session of a host that was not there before, and selects it. A session that the user chose stays. */
async function firstSession(app: App, host: string, before: ReadonlySet<string>): Promise<void> {
  const chosen = app.state.detail.key;
  const isOver = () => app.state.detail.key !== chosen || app.state.ui.screen !== 'sessions';
  const fresh = () => [...app.state.sessions.rows.values()].find((one) => one.host === host && !before.has(one.key));
  const found = await new Promise<string | undefined>((done) => {
    let stop = () => {};
    const look = () => {
      const session = isOver() ? undefined : fresh();
      if (session === undefined && !isOver()) return;
      stop();
      done(session?.key);
    };
    stop = app.store.subscribe(look);
    look();
  });
  // Only now: what is selected is a change of the state too.
  if (found !== undefined) app.select(found, 'data');
}
