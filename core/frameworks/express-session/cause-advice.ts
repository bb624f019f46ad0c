import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'set-cookie-withheld': { setting: "app.set('trust proxy', 1)", note: "Or cookie: { secure: 'auto' }." },
  'application-restarted': {
    setting: 'store: a store of its own in place of MemoryStore',
    note: 'The built-in one is for development.',
  },
  'node-store': { setting: 'store: connect-redis or another store that all processes share' },
  'other-secret': { setting: 'secret: [newSecret, oldSecret]', note: 'The first signs, all of them verify.' },
  'cookie-ran-out': { setting: 'cookie: { maxAge }, rolling: true' },
  'browser-restarted': { setting: 'cookie: { maxAge: 30 * 86_400_000 }' },
  'record-idle': {
    setting: 'ttl of the store, or cookie.maxAge',
    note: 'resave: false with rolling: true lets use keep it alive.',
  },
  'other-application': { setting: "name: 'shop.sid'" },
  'lost-update': { setting: 'resave: false', note: 'With resave: true each request writes the whole session back.' },
  'record-emptied': { setting: 'resave: false', note: 'With resave: true each request writes the whole session back.' },
  'domain-not-rewritten': { setting: 'cookie: { domain: undefined } in development' },
};
