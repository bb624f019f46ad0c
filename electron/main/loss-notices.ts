import { type BrowserWindow, Notification } from 'electron';
import type { EventOf } from '../../core/bridge/contract.ts';
import type { Engine } from '../../core/engine/engine.ts';
import { inBackground } from '../../core/model/failures.ts';
import { visible } from '../../core/model/visible.ts';

/** Shows a notification of the desktop for each session that is lost, where the user asked for them. Returns how to stop. */
export function showLosses(engine: Engine, window: BrowserWindow): () => void {
  const show = async ({ host, loss }: EventOf<'session.lost'>): Promise<void> => {
    const { values } = await engine.handlers['settings.get']({});
    const { lossNotices } = (values['window'] ?? {}) as { lossNotices?: unknown };
    if (lossNotices !== true || !Notification.isSupported()) return;
    const shown = new Notification({ title: `Session lost · ${visible(host)}`, body: visible(loss.answer) });
    shown.on('click', () => {
      if (!window.isDestroyed()) window.show();
    });
    shown.show();
  };
  return engine.subscribe((name, event) => {
    if (name === 'session.lost') inBackground('notice of a loss', show(event as EventOf<'session.lost'>));
  });
}
