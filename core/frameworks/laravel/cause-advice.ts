import type { Advice } from '../framework.ts';

/** How causes of lost sessions are mended in its own settings, by the id of the cause. */
export const causeAdvice: Readonly<Record<string, Advice>> = {
  'record-idle': {
    setting: "'lifetime' => 10080",
    file: 'config/session.php',
    note: 'Minutes; the lottery decides when records are removed.',
  },
  'cookie-ran-out': { setting: "'lifetime' => 10080", file: 'config/session.php' },
  'browser-restarted': { setting: "'expire_on_close' => false", file: 'config/session.php' },
  'other-secret': { setting: 'APP_KEY, the old one in APP_PREVIOUS_KEYS', file: '.env' },
  'csrf-look-alike': { setting: '@csrf in the form', note: '419 is this check.' },
  'lost-update': { setting: '->block() on the routes that write the session', file: 'routes/web.php' },
  'record-emptied': { setting: '->block() on the routes that write the session', file: 'routes/web.php' },
  'other-application': { setting: "'cookie' => 'shop_session'", file: 'config/session.php' },
  'node-store': { setting: "'driver' => 'redis' or 'database'", file: 'config/session.php' },
  'credentials-changed': { setting: 'Auth::logoutOtherDevices($password) keeps the present one' },
  'set-cookie-withheld': { setting: "trustProxies(at: '*')", file: 'bootstrap/app.php' },
};
