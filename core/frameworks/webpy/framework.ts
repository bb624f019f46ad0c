import type { Framework } from '../framework.ts';
import { causeAdvice } from './cause-advice.ts';
import { findWebpyStores } from './find-stores.ts';
import { webpyFiles, webpyTable } from './layouts.ts';
import { isValidSessionId } from './session/session-id.ts';

export const webpy: Framework = {
  id: 'webpy',
  title: 'web.py',
  cookieNames: [{ pattern: /^webpy_session_id$/, text: 'webpy_session_id' }],
  isId: isValidSessionId,
  tables: [webpyTable],
  files: [webpyFiles],
  payload: {
    own: ['session_id', 'ip'],
    address: ['ip'],
    signs: [['session_id', 'ip']],
  },
  ends: [
    {
      by: 'cleanup',
      clock: 'lastUsed',
      setting: { name: 'timeout', defaultSeconds: 86_400 },
      runs: 'by a request, once the timeout has passed since the last cleanup of that process',
    },
  ],
  simulated: true,
  advice: causeAdvice,
  findStores: findWebpyStores,
};
