import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'record-idle': {
    setting: 'SESSION_COOKIE_AGE = 2_592_000',
    file: 'settings.py',
    note: 'SESSION_SAVE_EVERY_REQUEST = True lets use keep the session alive.',
  },
  'cookie-ran-out': {
    setting: 'SESSION_COOKIE_AGE = 2_592_000',
    file: 'settings.py',
    note: 'SESSION_SAVE_EVERY_REQUEST = True sets the cookie again with each answer.',
  },
  'browser-restarted': { setting: 'SESSION_EXPIRE_AT_BROWSER_CLOSE = False', file: 'settings.py' },
  'other-secret': {
    setting: 'SECRET_KEY from the environment, the old one in SECRET_KEY_FALLBACKS',
    file: 'settings.py',
  },
  'key-per-worker': { setting: 'SECRET_KEY from the environment, the same for all workers', file: 'settings.py' },
  'credentials-changed': {
    setting: 'update_session_auth_hash(request, user)',
    note: 'The session that changed the password goes on; the others end.',
  },
  'set-cookie-withheld': {
    setting: 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")',
    file: 'settings.py',
    note: 'Only where the proxy always sets that header.',
  },
  'csrf-look-alike': {
    setting: '{% csrf_token %} in the form',
    note: 'Over https behind a proxy, CSRF_TRUSTED_ORIGINS too.',
  },
  'refused-at-storing': {
    setting: 'SESSION_COOKIE_SECURE, SESSION_COOKIE_DOMAIN, SESSION_COOKIE_SAMESITE',
    file: 'settings.py',
  },
  'other-application': { setting: 'SESSION_COOKIE_NAME = "shop_sessionid"', file: 'settings.py' },
  'store-emptied': {
    setting: 'SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"',
    file: 'settings.py',
    note: 'A cache alone loses sessions when it is emptied.',
  },
  'store-evicted': { setting: 'SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"', file: 'settings.py' },
};
