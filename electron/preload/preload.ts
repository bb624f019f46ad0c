import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Transport } from '../../core/bridge/wire.ts';
import { EVENT_CHANNEL, MENU_CHANNEL, REQUEST_CHANNEL } from './channels.ts';

/*
 * All that the window gets: two functions that carry messages of the bridge, one that tells where a file lies that
 * the user dropped on the window, and one that hears of the application menu. What they may say is decided in
 * `core/bridge/contract.ts` and checked by the host; the window never sees `ipcRenderer` itself.
 */
const transport: Transport = {
  request: (method, request) => ipcRenderer.invoke(REQUEST_CHANNEL, String(method), request),
  subscribe: (listener) => {
    const forward = (_event: unknown, name: unknown, event: unknown) => listener(String(name), event);
    ipcRenderer.on(EVENT_CHANNEL, forward);
    return () => ipcRenderer.off(EVENT_CHANNEL, forward);
  },
};
/** Empty for a file that came from the page itself. */
const pathForFile = (file: File): string => webUtils.getPathForFile(file);

/** Hears of what is chosen in the application menu. */
const onMenu = (listener: (act: string) => void): void => {
  ipcRenderer.on(MENU_CHANNEL, (_event, act: unknown) => listener(String(act)));
};

contextBridge.exposeInMainWorld('sessionscope', { ...transport, pathForFile, onMenu });
