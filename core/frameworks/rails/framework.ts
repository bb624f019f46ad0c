import type { Framework } from '../framework.ts';
import { RAILS_FILES } from '../settings-files/rails-credentials.ts';
import { railsCache } from './cache-entry.ts';
import { causeAdvice } from './cause-advice.ts';
import { findRailsStores } from './find-stores.ts';
import { activeRecordTable, railsCacheFiles, railsCacheKeys } from './layouts.ts';
import { railsMessage } from './message.ts';

export const rails: Framework = {
  id: 'rails',
  title: 'Rails',
  cookieNames: [{ pattern: /^_session_id$/ }],
  settingsFiles: RAILS_FILES,
  valueForms: [
    {
      layer: 'message-verifier',
      pattern: /^eyJfcmFpbHMi/,
      kind: 'signed',
      text: 'data signed by Rails',
      holdsData: true,
    },
    {
      layer: 'message-verifier',
      kind: 'signed',
      text: 'data signed by Rails or Rack',
      holdsData: true,
      shared: true,
    },
    {
      layer: 'message-encryptor',
      kind: 'encrypted',
      text: 'data encrypted by Rails',
      holdsData: true,
    },
  ],
  layers: [railsMessage, railsCache],
  tables: [activeRecordTable],
  files: [railsCacheFiles],
  keys: [railsCacheKeys],
  advice: causeAdvice,
  findStores: findRailsStores,
};
