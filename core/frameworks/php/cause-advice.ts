import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'record-idle': {
    setting: 'session.gc_maxlifetime = 86400',
    file: 'php.ini',
    note: 'On Debian a job of the system cleans by the largest value of its php.ini files.',
  },
  'neighbour-cleanup': { setting: 'session.save_path = a folder of this application alone', file: 'php.ini' },
  'browser-restarted': { setting: 'session.cookie_lifetime = 2592000', file: 'php.ini' },
  'cookie-ran-out': {
    setting: 'session.cookie_lifetime = 2592000',
    file: 'php.ini',
    note: 'PHP sets the cookie once; use does not renew it.',
  },
  'other-application': { setting: 'session.name = "SHOPSESSID"', file: 'php.ini' },
  'node-store': { setting: 'session.save_handler = redis', file: 'php.ini' },
  'refused-at-storing': {
    setting: 'session.cookie_secure, session.cookie_domain, session.cookie_samesite',
    file: 'php.ini',
  },
};
