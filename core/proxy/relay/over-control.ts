import type { BodyControl } from '../engine-exchange.ts';

/** Of an exchange that is over: there is nothing left to read, change or break off. */
export const overControl: BodyControl = {
  bufferBody: () => Promise.reject(new Error('the exchange is over')),
  replaceBody() {},
  respond() {},
  abort() {},
};
