import type { LossNote } from '../../../core/model/diagnosis.ts';
import { visible } from '../../../core/model/visible.ts';
import { text } from '../i18n/index.ts';
import type { App } from './app.ts';

/** Shows a notification of the desktop for a session that was lost; a click opens the session. */
export function notifyOfLoss(app: App, key: string, host: string, { answer }: LossNote): void {
  // The desktop app shows its own.
  if (app.state.info?.mode === 'desktop') return;
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  const shown = new Notification(`${text('timeline.lost')} · ${visible(host)}`, {
    body: visible(answer),
    tag: `lost-${key}`,
  });
  shown.onclick = () => {
    window.focus();
    app.select(key);
    app.go('sessions');
  };
}

/** Whether notifications may be shown; in web mode the browser asks the user. */
export async function mayNotify(app: App): Promise<boolean> {
  if (app.state.info?.mode === 'desktop') return true;
  if (typeof Notification === 'undefined') return false;
  return (await Notification.requestPermission()) === 'granted';
}
