import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'other-secret': { setting: 'SECRET_KEY from the environment, the old one in SECRET_KEY_FALLBACKS' },
  'key-per-worker': {
    setting: 'SECRET_KEY from the environment',
    note: 'os.urandom at the start gives each worker a key of its own.',
  },
  'payload-ran-out': {
    setting: 'PERMANENT_SESSION_LIFETIME',
    note: 'SESSION_REFRESH_EACH_REQUEST renews it with use.',
  },
  'cookie-ran-out': { setting: 'PERMANENT_SESSION_LIFETIME' },
  'browser-restarted': { setting: 'session.permanent = True' },
  'other-application': { setting: 'SESSION_COOKIE_NAME = "shop_session"' },
  'set-cookie-withheld': { setting: 'ProxyFix(app.wsgi_app, x_proto=1)' },
  'lost-update': {
    setting: 'Keep what requests change at the same time in a database',
    note: 'The session is one cookie, which each answer sets as a whole.',
  },
};
