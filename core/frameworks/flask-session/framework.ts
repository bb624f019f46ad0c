import type { Framework } from '../framework.ts';
import { cachelib } from './cachelib.ts';
import { findFlaskStores } from './find-stores.ts';
import { cachelibFiles, flaskSessionKeys, flaskSessionTable } from './layouts.ts';

export const flaskSession: Framework = {
  id: 'flask-session',
  title: 'Flask-Session',
  cookieNames: [
    { pattern: /^session$/, text: 'session', sharedBy: 'Flask, Starlette, cookie-session, Spring Session and others' },
  ],
  layers: [cachelib],
  tables: [flaskSessionTable],
  files: [cachelibFiles],
  keys: [flaskSessionKeys],
  payload: { user: ['_user_id'], own: ['_permanent', '_fresh'] },
  ends: [
    { by: 'request', clock: 'expires', setting: { name: 'PERMANENT_SESSION_LIFETIME', defaultSeconds: 2_678_400 } },
  ],
  findStores: findFlaskStores,
};
