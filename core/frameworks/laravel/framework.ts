import type { Framework } from '../framework.ts';
import { ENV_FILES } from '../settings-files/env-file.ts';
import { causeAdvice } from './cause-advice.ts';
import { laravelCookieData } from './cookie-data.ts';
import { laravel as encrypted, laravelPrefix } from './encrypted.ts';
import { findLaravelStores } from './find-stores.ts';
import { laravelFiles, laravelKeys, laravelTable } from './layouts.ts';

export const laravel: Framework = {
  id: 'laravel',
  title: 'Laravel',
  cookieNames: [
    { pattern: /^laravel_session$/, text: 'laravel_session' },
    // The cookie driver keeps the data in a second cookie that is named by the session id.
    { pattern: /^(?=.*\d)(?=.*[a-z])[a-z\d]{40}$/ },
  ],
  settingsFiles: ENV_FILES,
  valueForms: [
    {
      layer: 'laravel',
      kind: 'encrypted',
      text: 'data encrypted by Laravel',
      holdsData: true,
    },
  ],
  layers: [encrypted, laravelPrefix, laravelCookieData],
  tables: [laravelTable],
  files: [laravelFiles],
  keys: [laravelKeys],
  payload: {
    own: ['_token', '_flash', '_previous'],
    signs: [
      ['_token', '_previous'],
      ['_token', '_flash'],
    ],
  },
  ends: [{ by: 'request', clock: 'lastUsed', setting: { name: 'SESSION_LIFETIME', defaultSeconds: 7_200 } }],
  advice: causeAdvice,
  findStores: findLaravelStores,
};
