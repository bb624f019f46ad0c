import type { Framework } from '../framework.ts';
import { ENV_FILES } from '../settings-files/env-file.ts';
import { causeAdvice } from './cause-advice.ts';
import { findExpressStores } from './find-stores.ts';
import {
  betterSqlite3Session,
  connectPgSimple,
  connectRedis,
  connectSqlite3,
  expressMysqlSession,
  sessionFileStore,
} from './layouts.ts';

export const expressSession: Framework = {
  id: 'express-session',
  title: 'express-session',
  cookieNames: [{ pattern: /^connect\.sid$/, text: 'connect.sid' }],
  settingsFiles: ENV_FILES,
  valueForms: [
    {
      layer: 'cookie-signature',
      pattern: /^s:/,
      kind: 'signed',
      text: 'an id signed by express-session',
      holdsData: false,
    },
  ],
  publicIds({ id }) {
    const inner = /^s:(.+)\.[A-Za-z0-9+/]{43}$/s.exec(id)?.[1];
    return inner === undefined ? [] : [{ id: inner, how: 'the id inside the signed value' }];
  },
  tables: [connectPgSimple, connectSqlite3, betterSqlite3Session, expressMysqlSession],
  files: [sessionFileStore],
  keys: [connectRedis],
  payload: { user: ['passport.user'], own: ['cookie', '__lastAccess'], signs: [['cookie', '__lastAccess']] },
  ends: [
    { by: 'request', clock: 'expires', setting: { name: 'cookie.maxAge', defaultSeconds: null } },
    { by: 'store', clock: 'expires' },
  ],
  advice: causeAdvice,
  findStores: findExpressStores,
};
