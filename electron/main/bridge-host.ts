import { type BrowserWindow, ipcMain } from 'electron';
import { answer } from '../../core/bridge/wire.ts';
import type { Engine } from '../../core/engine/engine.ts';
import { EVENT_CHANNEL, REQUEST_CHANNEL } from '../preload/channels.ts';
import { BUNDLE_ORIGIN } from './bundle-protocol.ts';

/**
 * Connects the window to the engine. A message is answered only when it comes from the main frame of our own window
 * showing our own page; its contents are checked by the contract. `onSettings`: the window may have saved a setting.
 */
export function hostBridge(engine: Engine, window: BrowserWindow, onSettings: () => void): () => void {
  const contents = window.webContents;
  ipcMain.handle(REQUEST_CHANNEL, (event, method: unknown, request: unknown) => {
    const trusted =
      event.sender === contents &&
      event.senderFrame === contents.mainFrame &&
      event.senderFrame.url.startsWith(`${BUNDLE_ORIGIN}/`);
    if (!trusted)
      return { ok: false, problem: { kind: 'foreign-sender', message: 'This page may not use the bridge' } };
    const answered = answer(engine.handlers, method, request);
    if (method === 'settings.set') void answered.then(onSettings);
    return answered;
  });
  const stop = engine.subscribe((name, event) => {
    if (!contents.isDestroyed()) contents.send(EVENT_CHANNEL, name, event);
  });
  return () => {
    stop();
    ipcMain.removeHandler(REQUEST_CHANNEL);
  };
}
