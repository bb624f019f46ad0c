import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'other-secret': { setting: 'config.cookies_rotations and one secret_key_base for all', file: 'config/initializers' },
  'csrf-look-alike': { setting: 'csrf_meta_tags in the layout, X-CSRF-Token with requests of scripts' },
  'browser-restarted': { setting: 'expire_after: 30.days', file: 'config/initializers/session_store.rb' },
  'cookie-ran-out': { setting: 'expire_after: 30.days', file: 'config/initializers/session_store.rb' },
  'other-application': { setting: 'key: "_shop_session"', file: 'config/initializers/session_store.rb' },
  'lost-update': { setting: 'Keep what requests change at the same time in the database' },
  'refused-at-storing': { setting: 'secure:, domain:, same_site:', file: 'config/initializers/session_store.rb' },
};
