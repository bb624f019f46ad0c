import type { Framework } from '../framework.ts';
import { PYTHON_SETTINGS } from '../settings-files/python-settings.ts';
import { djangoCache } from './cache-file.ts';
import { causeAdvice } from './cause-advice.ts';
import { findDjangoStores } from './find-stores.ts';
import { djangoCacheFiles, djangoCacheTable, djangoFiles, djangoKeys, djangoTable } from './layouts.ts';
import { djangoLegacy, django as signed } from './signed.ts';

export const django: Framework = {
  id: 'django',
  title: 'Django',
  cookieNames: [{ pattern: /^sessionid$/, text: 'sessionid' }],
  settingsFiles: PYTHON_SETTINGS,
  valueForms: [
    {
      layer: 'django',
      kind: 'signed',
      text: 'data signed by Django',
      holdsData: true,
    },
  ],
  layers: [signed, djangoLegacy, djangoCache],
  tables: [djangoTable, djangoCacheTable],
  files: [djangoFiles, djangoCacheFiles],
  keys: [djangoKeys],
  payload: {
    user: ['_auth_user_id'],
    own: ['_auth_user_backend', '_auth_user_hash', '_session_expiry'],
    signs: [['_auth_user_id', '_auth_user_backend']],
  },
  ends: [{ by: 'request', clock: 'expires', setting: { name: 'SESSION_COOKIE_AGE', defaultSeconds: 1_209_600 } }],
  advice: causeAdvice,
  findStores: findDjangoStores,
};
