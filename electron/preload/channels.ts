/** The two IPC channels of the bridge: requests with an answer, and events. */
export const REQUEST_CHANNEL = 'sessionscope:request';
export const EVENT_CHANNEL = 'sessionscope:event';
/** From the application menu to the window: what was chosen there. */
export const MENU_CHANNEL = 'sessionscope:menu';

/** What the application menu asks of the window. */
export type MenuAct =
  | 'home'
  | 'sessions'
  | 'flows'
  | 'stores'
  | 'lab'
  | 'values'
  | 'browsers'
  | 'settings'
  | 'import-har'
  | 'export-har'
  | 'practice'
  | 'undo'
  | 'redo'
  | 'filter'
  | 'clear'
  | 'palette'
  | 'help';
