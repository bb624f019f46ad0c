/** The two IPC channels of the bridge: requests with an answer, and events. */
export const REQUEST_CHANNEL = 'sessionscope:request';
export const EVENT_CHANNEL = 'sessionscope:event';
